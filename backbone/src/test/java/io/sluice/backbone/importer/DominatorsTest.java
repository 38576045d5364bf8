package io.sluice.backbone.importer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DominatorsTest {
  @Test
  void chain_diamond_skipsTheBranches() {
    Dominators dominators =
        new Dominators(List.of(List.of(), List.of(0), List.of(1), List.of(1), List.of(2, 3)));
    assertThat(dominators.chain(4)).containsExactly(0, 1, 4);
    assertThat(dominators.immediate(4)).isEqualTo(1);
  }

  /** The oracle: v dominates w when w cannot be reached without v. */
  @Test
  void chain_randomGraphs_isWhatCannotBeAvoided() {
    long seed = 99;
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 200; round++) {
      List<List<Integer>> predecessors = new ArrayList<>(List.of(List.of()));
      int size = random.nextInt(2, 14);
      for (int v = 1; v < size; v++) {
        Set<Integer> from = new HashSet<>();
        for (int edge = random.nextInt(1, 4); edge > 0; edge--) {
          from.add(random.nextInt(v));
        }
        predecessors.add(List.copyOf(from));
      }
      int target = size - 1;
      List<Integer> unavoidable = new ArrayList<>();
      for (int v = 0; v < size; v++) {
        if (v == target || !reachable(predecessors, target, v)) {
          unavoidable.add(v);
        }
      }
      assertThat(new Dominators(predecessors).chain(target))
          .as("seed " + seed + " round " + round)
          .isEqualTo(unavoidable);
    }
  }

  private static boolean reachable(List<List<Integer>> predecessors, int target, int without) {
    boolean[] reached = new boolean[predecessors.size()];
    reached[0] = without != 0;
    for (int v = 1; v < reached.length; v++) {
      for (int p : predecessors.get(v)) {
        reached[v] |= reached[p] && v != without;
      }
    }
    return reached[target];
  }
}
