package io.sluice.loadtest.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.sluice.backbone.TextPair;
import io.sluice.loadtest.AsyncCalls;
import io.sluice.loadtest.Exchange;
import io.sluice.loadtest.TaskMix;
import io.sluice.loadtest.testing.TestingServer;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OpenLoopTest {
  private static final double RATE = 400;
  private static final Duration TIME = Duration.ofSeconds(1);

  @Test
  void run_answeringServer_sendsAtTheRateAndHearsAll() throws Exception {
    try (TestingServer server = new TestingServer();
        AsyncCalls calls = new AsyncCalls(server.target(), 2)) {
      server.answerAs(TestingServer.digest("a"));
      List<Exchange> exchanges = OpenLoop.run(settings(1), calls);
      // Of a Poisson count: within six standard deviations.
      assertThat((double) exchanges.size()).isBetween(RATE - 120, RATE + 120);
      assertThat(server.requests()).isEqualTo(exchanges.size());
      assertThat(exchanges).allMatch(one -> one.status().equals(Exchange.OK));
      assertThat(exchanges).allMatch(one -> one.sentNanos() >= one.intendedNanos());
      long span = last(exchanges) - first(exchanges);
      assertThat(span).isLessThan(TIME.toNanos());
    }
  }

  @Test
  void run_sameSeed_intendsTheSameGaps() throws Exception {
    try (TestingServer server = new TestingServer();
        AsyncCalls calls = new AsyncCalls(server.target(), 1)) {
      List<Long> one = gaps(OpenLoop.run(settings(7), calls));
      List<Long> other = gaps(OpenLoop.run(settings(7), calls));
      assertThat(one).hasSameSizeAs(other);
      for (int i = 0; i < one.size(); i++) {
        assertThat(Math.abs(one.get(i) - other.get(i))).isLessThanOrEqualTo(1);
      }
    }
  }

  @Test
  void run_refusingServer_tellsTheStatuses() throws Exception {
    try (TestingServer server = new TestingServer();
        AsyncCalls calls = new AsyncCalls(server.target(), 1)) {
      server.refuse(Status.Code.RESOURCE_EXHAUSTED);
      List<Exchange> exchanges = OpenLoop.run(settings(2), calls);
      assertThat(exchanges).isNotEmpty();
      assertThat(exchanges).allMatch(one -> one.status().equals("RESOURCE_EXHAUSTED"));
    }
  }

  @Test
  void settings_rateOfNothing_isRefused() {
    assertThatThrownBy(
            () ->
                new OpenLoopSettings(
                    TaskMix.only("t"), List.of(TextPair.of("a")), 0, TIME, TIME, 1))
        .hasMessageContaining("ratePerSecond");
  }

  private static OpenLoopSettings settings(long seed) {
    return new OpenLoopSettings(
        TaskMix.only("task"),
        List.of(TextPair.of("good"), TextPair.of("bad")),
        RATE,
        TIME,
        Duration.ofSeconds(10),
        seed);
  }

  private static List<Long> gaps(List<Exchange> exchanges) {
    List<Long> times = exchanges.stream().map(Exchange::intendedNanos).sorted().toList();
    return times.stream().map(time -> time - times.get(0)).toList();
  }

  private static long first(List<Exchange> exchanges) {
    return exchanges.stream().mapToLong(Exchange::intendedNanos).min().orElseThrow();
  }

  private static long last(List<Exchange> exchanges) {
    return exchanges.stream()
        .max(Comparator.comparingLong(Exchange::intendedNanos))
        .orElseThrow()
        .intendedNanos();
  }
}
