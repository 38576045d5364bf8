package io.sluice.trainer.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StructureChoiceTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void choose_smallCases_equalsBestOfAllSubsets(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 100; round++) {
      int size = 1 + random.nextInt(12);
      double[] open = random.doubles(size, 0, 1).toArray();
      long[] costs = random.longs(size, 1, 50).toArray();
      long budget = 1L + random.nextInt(200);
      BitSet chosen = StructureChoice.choose(open, costs, budget);
      assertThat(cost(chosen, costs)).isLessThanOrEqualTo(budget);
      double best = 0;
      for (long subset = 0; subset < 1L << size; subset++) {
        BitSet bits = BitSet.valueOf(new long[] {subset});
        if (cost(bits, costs) <= budget) {
          best = Math.max(best, value(bits, open));
        }
      }
      assertThat(value(chosen, open))
          .as("seed %s round %s", seed, round)
          .isCloseTo(best, within(1e-12));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6})
  void choose_manyCandidatesOfFewCosts_neverExceedsBudget(long seed) {
    Random random = new Random(seed);
    long[] menu = {2308, 4360, 8464, 16_672, 512};
    for (int round = 0; round < 20; round++) {
      int size = 24 * 8;
      double[] open = random.doubles(size, 0, 1).toArray();
      long[] costs = random.ints(size, 0, menu.length).mapToLong(i -> menu[i]).toArray();
      long budget = 193_000L + random.nextInt(1000);
      BitSet chosen = StructureChoice.choose(open, costs, budget);
      assertThat(cost(chosen, costs))
          .as("seed %s round %s", seed, round)
          .isLessThanOrEqualTo(budget);
    }
  }

  @Test
  void choose_nothingFits_isEmpty() {
    assertThat(StructureChoice.choose(new double[] {1, 1}, new long[] {5, 6}, 4))
        .isEqualTo(new BitSet());
  }

  private static long cost(BitSet chosen, long[] costs) {
    return chosen.stream().mapToLong(i -> costs[i]).sum();
  }

  private static double value(BitSet chosen, double[] open) {
    return chosen.stream().mapToDouble(i -> open[i]).sum();
  }
}
