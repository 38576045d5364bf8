package io.sluice.server.access;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What one client may take, by a clock of the test's own. */
class ClientTest {
  private static final ClientLimits TEN_A_SECOND = ClientLimits.defaults().withRate(10);
  private static final long START = Long.MAX_VALUE - 1_000_000_000L;

  @Test
  void begin_moreThanTheBurst_saysWhenTheNextMay() {
    Client client = new Client("a", TEN_A_SECOND, START);
    for (int i = 0; i < 10; i++) {
      assertThat(client.begin(START)).as("request %d", i).isNull();
      client.finish();
    }
    Refusal refusal = requireNonNull(client.begin(START));
    assertThat(refusal.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refusal.retryAfter()).isEqualTo(Duration.ofMillis(100));
    assertThat(client.begin(START + 99_999_999)).isNotNull();
    assertThat(client.begin(START + 100_000_000)).isNull();
  }

  /** The oracle keeps a bucket that fills by the nanosecond. */
  @Test
  void begin_requestsAtRandomTimes_isTheTokenBucket() {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Client client = new Client("a", TEN_A_SECOND, START);
    long each = 100_000_000;
    long full = 10 * each;
    long level = full;
    long now = START;
    for (int i = 0; i < 5000; i++) {
      long passed = random.nextInt(3) == 0 ? 0 : random.nextInt(150_000_000);
      // The clock runs over on the way.
      now += passed;
      level = Math.min(full, level + passed);
      boolean expected = level >= each;
      boolean begun = client.begin(now) == null;
      assertThat(begun).as("request %d of seed %d", i, seed).isEqualTo(expected);
      if (begun) {
        level -= each;
        client.finish();
      }
    }
  }

  @Test
  void begin_tooManyUnderWay_isRefusedUntilOneEnds() {
    Client client = new Client("a", ClientLimits.defaults().withConcurrentRequests(2), START);
    assertThat(client.begin(START)).isNull();
    assertThat(client.begin(START)).isNull();
    assertThat(client.begin(START)).isNotNull();
    client.finish();
    assertThat(client.begin(START)).isNull();
  }
}
