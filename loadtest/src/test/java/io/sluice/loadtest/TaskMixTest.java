package io.sluice.loadtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TaskMixTest {
  private static final long SEED = 5;
  private static final int DRAWS = 60_000;

  @Test
  void pickRank_zipf_followsOneOverRank() {
    int[] counts = draw(TaskMix.zipf(List.of("a", "b", "c", "d"), 1));
    double sum = 1 + 1 / 2.0 + 1 / 3.0 + 1 / 4.0;
    for (int rank = 0; rank < counts.length; rank++) {
      assertClose(counts[rank], DRAWS / (rank + 1.0) / sum);
    }
  }

  @Test
  void pickRank_uniform_isTheSameForAll() {
    for (int count : draw(TaskMix.uniform(List.of("a", "b", "c")))) {
      assertClose(count, DRAWS / 3.0);
    }
  }

  @Test
  void pick_oneTask_isAlwaysThat() {
    assertThat(TaskMix.only("a").pick(new Random(SEED))).isEqualTo("a");
  }

  @Test
  void zipf_noTasksOrNegativeExponent_isRefused() {
    assertThatThrownBy(() -> TaskMix.uniform(List.of())).hasMessageContaining("names");
    assertThatThrownBy(() -> TaskMix.zipf(List.of("a"), -1)).hasMessageContaining("exponent");
  }

  private static int[] draw(TaskMix mix) {
    Random random = new Random(SEED);
    int[] counts = new int[mix.names().size()];
    for (int i = 0; i < DRAWS; i++) {
      counts[mix.pickRank(random)]++;
    }
    return counts;
  }

  /** Within five standard deviations of a count. */
  private static void assertClose(int count, double expected) {
    assertThat(Math.abs(count - expected))
        .as("seed %d: %d, expected %.0f", SEED, count, expected)
        .isLessThan(5 * Math.sqrt(expected));
  }
}
