package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GatheringTest {
  private static final long MOST = 4_000_000;
  private final Gathering gathering = new Gathering(Duration.ofNanos(MOST), 0);

  @Test
  void finished_aBatch_waitsForAPartOfItAndForNoLongerThanTheMost() {
    gathering.finished(5, 3, 8_000_000, 100);
    assertThat(gathering.untilNanos()).isEqualTo(100 + 1_000_000);
    gathering.finished(5, 3, 80_000_000, 200);
    assertThat(gathering.untilNanos()).isEqualTo(200 + MOST);
    assertThat(gathering.isMissing(7)).isTrue();
    assertThat(gathering.isMissing(8)).isFalse();
  }

  @Test
  void waited_alwaysInVain_waitsMoreAndMoreSeldom() {
    List<Integer> waits = new ArrayList<>();
    for (int batch = 0; batch < 100; batch++) {
      if (waits()) {
        waits.add(batch);
        gathering.waited(false);
      }
    }
    assertThat(waits).containsExactly(0, 2, 6, 14, 30, 62, 94);
  }

  @Test
  void waited_withSuccess_waitsEveryTimeAgain() {
    for (int batch = 0; batch < 14; batch++) {
      if (waits()) {
        gathering.waited(false);
      }
    }
    assertThat(waits()).isTrue();
    gathering.waited(true);
    assertThat(waits()).isTrue();
    gathering.waited(false);
    assertThat(List.of(waits(), waits())).containsExactly(false, true);
  }

  private boolean waits() {
    gathering.finished(4, 0, MOST, 7);
    return gathering.untilNanos() > 7;
  }
}
