package io.sluice.loadtest.swap;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Digest;
import io.sluice.loadtest.Exchange;
import io.sluice.loadtest.testing.TestingServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReplyCheckTest {
  private static final Digest A = TestingServer.digest("a");
  private static final Digest B = TestingServer.digest("b");

  /** A from the start, B between 100..110 and 200..220, then A again. */
  private static final List<Activated> LOG =
      List.of(new Activated(A, 0, 0), new Activated(B, 100, 110), new Activated(A, 200, 220));

  private final ReplyCheck check = new ReplyCheck(LOG);

  @Test
  void violations_digestActiveWhileAsked_none() {
    assertThat(
            check.violations(
                List.of(
                    reply(10, 20, A, 1),
                    reply(100, 105, A, 1), // B may not have taken over yet
                    reply(100, 105, B, 2),
                    reply(90, 101, B, 2), // under way when it was asked for
                    reply(111, 199, B, 2),
                    reply(210, 215, B, 2),
                    reply(210, 215, A, 3),
                    reply(300, 310, A, 3))))
        .isEmpty();
  }

  @Test
  void violations_digestNotActiveYet_isFound() {
    assertThat(kinds(reply(50, 99, B, 2))).containsExactly(Violation.Kind.DIGEST_NOT_ACTIVE);
  }

  @Test
  void violations_digestNoLongerActive_isFound() {
    assertThat(kinds(reply(221, 230, B, 2))).containsExactly(Violation.Kind.DIGEST_NOT_ACTIVE);
    assertThat(kinds(reply(111, 199, A, 1))).containsExactly(Violation.Kind.DIGEST_NOT_ACTIVE);
  }

  @Test
  void violations_unknownDigest_isFound() {
    assertThat(kinds(reply(10, 20, TestingServer.digest("c"), 1)))
        .containsExactly(Violation.Kind.DIGEST_NOT_ACTIVE);
  }

  @Test
  void violations_generationGoesBack_isFound() {
    assertThat(kinds(reply(100, 120, B, 2), reply(121, 130, B, 1)))
        .containsExactly(Violation.Kind.GENERATION_WENT_BACK);
    assertThat(kinds(reply(100, 120, B, 2), reply(119, 130, B, 1))).isEmpty();
  }

  @Test
  void violations_generationWithTwoDigests_isFound() {
    assertThat(kinds(reply(100, 105, A, 1), reply(101, 106, B, 1)))
        .containsExactly(Violation.Kind.GENERATION_WITH_TWO_DIGESTS);
  }

  @Test
  void violations_refused_areNotLookedAt() {
    assertThat(check.violations(List.of(new Exchange(0, "task", 1, 1, 2, "UNAVAILABLE", null))))
        .isEmpty();
  }

  /** A simulated run with exact knowledge of what was active; then one reply is forged. */
  @Test
  void violations_randomRunWithOnePlanted_findsJustThat() {
    long seed = 7;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<Digest> digests = List.of(A, B, TestingServer.digest("c"));
    List<Activated> log = new ArrayList<>();
    List<Long> took = new ArrayList<>();
    log.add(new Activated(A, 0, 0));
    took.add(0L);
    for (int i = 1; i <= 300; i++) {
      long requested = i * 1000L;
      long length = 50L + random.nextInt(300);
      log.add(new Activated(digests.get(i % 3), requested, requested + length));
      took.add(requested + random.nextInt((int) length));
    }
    List<Exchange> exchanges = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      long sent = 1L + random.nextInt(305_000);
      long received = sent + 1 + random.nextInt(400);
      long answered = sent + random.nextInt((int) (received - sent));
      int active = active(took, answered);
      exchanges.add(reply(sent, received, log.get(active).digest(), active));
    }
    ReplyCheck whole = new ReplyCheck(log);
    assertThat(whole.violations(exchanges)).isEmpty();

    // Activation 100 began at 100000 and had ended by 100350; 101 begins at 101000.
    Exchange forged = reply(100_400, 100_500, log.get(101).digest(), 101);
    exchanges.add(random.nextInt(exchanges.size()), forged);
    assertThat(whole.violations(exchanges))
        .filteredOn(found -> found.kind() == Violation.Kind.DIGEST_NOT_ACTIVE)
        .extracting(Violation::exchange)
        .containsExactly(forged);
  }

  private static int active(List<Long> took, long time) {
    int active = 0;
    while (active + 1 < took.size() && took.get(active + 1) <= time) {
      active++;
    }
    return active;
  }

  private List<Violation.Kind> kinds(Exchange... exchanges) {
    return check.violations(List.of(exchanges)).stream().map(Violation::kind).toList();
  }

  private static Exchange reply(long sent, long received, Digest digest, long generation) {
    return new Exchange(
        0,
        "task",
        sent,
        sent,
        received,
        Exchange.OK,
        new Exchange.Reply(digest.toString(), generation, "yes", 3, 0, 0, 0));
  }
}
