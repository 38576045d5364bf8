package io.sluice.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchPlanTest {
  private final int[] lengths = new Random(4).ints(1003, 3, 90).toArray();

  @Test
  void rows_anEpoch_holdsEveryRowOnceInBatchesOfLikeLength() {
    BatchPlan plan = new BatchPlan(lengths, 16, 5);
    List<Integer> seen = new ArrayList<>();
    long padded = 0;
    for (int step = 0; step < plan.stepsPerEpoch(); step++) {
      int[] rows = plan.rows(step);
      int longest = IntStream.of(rows).map(row -> lengths[row]).max().orElseThrow();
      padded += (long) longest * rows.length;
      IntStream.of(rows).forEach(seen::add);
    }
    assertThat(seen).containsExactlyInAnyOrderElementsOf(IntStream.range(0, 1003).boxed().toList());
    assertThat((double) padded / IntStream.of(lengths).sum()).isLessThan(1.1);
  }

  @Test
  void rows_anyOrderOfSteps_areFunctionOfSeedAndStep() {
    BatchPlan forwards = new BatchPlan(lengths, 16, 5);
    BatchPlan elsewhere = new BatchPlan(lengths, 16, 5);
    int[] later = elsewhere.rows(200).clone();
    assertThat(elsewhere.rows(3)).isEqualTo(forwards.rows(3));
    assertThat(forwards.rows(200)).isEqualTo(later);
    assertThat(new BatchPlan(lengths, 16, 6).rows(3)).isNotEqualTo(forwards.rows(3));
    assertThat(forwards.rows(3 + forwards.stepsPerEpoch())).isNotEqualTo(forwards.rows(3));
  }

  @Test
  void rows_fewerThanABatch_areOneBatch() {
    BatchPlan plan = new BatchPlan(new int[] {4, 5, 6}, 32, 1);
    assertThat(plan.stepsPerEpoch()).isEqualTo(1);
    assertThat(plan.rows(7)).containsExactlyInAnyOrder(0, 1, 2);
  }
}
