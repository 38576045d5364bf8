package io.sluice.loadtest.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.loadtest.Exchange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WindowTest {
  private static final long MS = 1_000_000;

  @Test
  void of_exchangesInAndOutOfTheWindow_countsThoseIntendedInIt() {
    List<Exchange> exchanges = new ArrayList<>();
    exchanges.add(answered(-1, -1, 900));
    exchanges.add(answered(2000, 2000, 2001));
    for (int i = 0; i < 8; i++) {
      exchanges.add(answered(10L * i, 10L * i, 10L * i + 5));
    }
    exchanges.add(answered(100, 103, 350));
    exchanges.add(new Exchange(0, "t", 200 * MS, 200 * MS, 201 * MS, "RESOURCE_EXHAUSTED", null));

    Window window = Window.of(exchanges, 0, 2000 * MS, Duration.ofMillis(200));

    assertThat(window.asked()).isEqualTo(10);
    assertThat(window.offered()).isEqualTo(5);
    assertThat(window.answered()).isEqualTo(4.5);
    assertThat(window.goodput()).isEqualTo(4);
    assertThat(window.lateShare()).isEqualTo(0.1);
    assertThat(window.refused()).containsOnly(Map.entry("RESOURCE_EXHAUSTED", 1L));
    assertThat(window.latencies().count()).isEqualTo(9);
    // From the intended send, not from the late one.
    assertThat(window.latencies().maxNanos() / MS).isBetween(249L, 251L);
  }

  private static Exchange answered(long intended, long sent, long received) {
    return new Exchange(
        0,
        "t",
        intended * MS,
        sent * MS,
        received * MS,
        Exchange.OK,
        new Exchange.Reply("d", 1, "yes", 3, 0, 0, 0));
  }
}
