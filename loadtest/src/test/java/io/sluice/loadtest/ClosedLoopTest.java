package io.sluice.loadtest;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.TextPair;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ClosedLoopTest {
  @Test
  void awaitExchanges_clientsThatCannotStart_doesNotWaitAndStopTellsWhy() throws Exception {
    // More nanoseconds than a long holds: every client fails before its first request.
    Duration endless = Duration.ofSeconds(Long.MAX_VALUE);
    LoadSettings settings =
        new LoadSettings(
            Target.local(1),
            TaskMix.only("task"),
            List.of(TextPair.of("good")),
            8,
            Duration.ZERO,
            endless);
    try (ClosedLoop loop = ClosedLoop.start(settings)) {
      for (int i = 0; i < 3; i++) {
        loop.awaitExchanges(1);
      }
      assertThatThrownBy(loop::stop)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("client: ");
    }
  }
}
