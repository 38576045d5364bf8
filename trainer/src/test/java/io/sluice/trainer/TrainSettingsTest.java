package io.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.SluiceException;
import io.sluice.trainer.history.Phase;
import org.junit.jupiter.api.Test;

class TrainSettingsTest {
  @Test
  void build_severalOutOfRange_namesAll() {
    assertThatThrownBy(
            () ->
                TrainSettings.defaults().toBuilder()
                    .search(search -> search.rank(0))
                    .optimizer(optimizer -> optimizer.learningRate(-1).batchSize(0))
                    .schedule(schedule -> schedule.steps(3))
                    .build())
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("rank: 0 (expected: 1..1024)")
        .hasMessageContaining("learning-rate: -1.0 (expected: above 0, at most 1)")
        .hasMessageContaining("batch-size: 0 (expected: 1..4096)")
        .hasMessageContaining("steps: 3 (expected: >= 20)");
  }

  @Test
  void schedule_phases_areTenTwentyFortyThirty() {
    Schedule schedule = Schedule.ofSteps(200);
    assertThat(schedule).isEqualTo(new Schedule(200, 20, 60, 140));
    assertThat(schedule.phase(0)).isEqualTo(Phase.OPEN);
    assertThat(schedule.phase(20)).isEqualTo(Phase.RAMP);
    assertThat(schedule.phase(60)).isEqualTo(Phase.HOLD);
    assertThat(schedule.phase(140)).isEqualTo(Phase.FINE_TUNE);
    BudgetPlan plan = new BudgetPlan(new long[] {10, 10}, 5, "points");
    assertThat(schedule.budget(19, plan)).isEqualTo(20);
    assertThat(schedule.budget(59, plan)).isEqualTo(5);
    double before = 20;
    for (int step = 20; step < 60; step++) {
      assertThat(schedule.budget(step, plan)).isBetween(5.0, before);
      before = schedule.budget(step, plan);
    }
  }
}
