package io.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.SluiceException;
import io.sluice.trainer.gate.Constraint;
import io.sluice.trainer.gate.GateForm;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.model.AdapterForm;
import io.sluice.trainer.model.Placement;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TrainSettingsTest {
  @Test
  void build_severalOutOfRange_namesAll() {
    assertThatThrownBy(
            () ->
                TrainSettings.defaults().toBuilder()
                    .search(search -> search.ranks(Set.of(0)))
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
  void build_stepsAndEpochsOrBadTemperature_namesThem() {
    assertThatThrownBy(
            () ->
                TrainSettings.defaults().toBuilder()
                    .schedule(schedule -> schedule.steps(100).epochs(3))
                    .search(search -> search.gateTemperature(0))
                    .optimizer(optimizer -> optimizer.layerDecay(1.5))
                    .build())
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("steps and epochs: 100 and 3 (expected: one of them)")
        .hasMessageContaining("gate-temperature: 0.0 (expected: 0.1..1.0)")
        .hasMessageContaining("layer-decay: 1.5 (expected: above 0, at most 1)");
  }

  @Test
  void described_methodTemperatureAndLength_areAlwaysThere() {
    assertThat(TrainSettings.defaults().described())
        .containsEntry("method", "learned")
        .containsEntry("gate_temperature", Double.toString(2.0 / 3))
        .containsEntry("layer_decay", "0.9")
        .containsEntry("steps", "by rows")
        .doesNotContainKey("epochs");
    assertThat(
            TrainSettings.defaults().toBuilder()
                .schedule(schedule -> schedule.epochs(4))
                .search(search -> search.method(Method.EVERYWHERE))
                .build()
                .described())
        .containsEntry("method", "everywhere")
        .containsEntry("budget", "does not apply")
        .containsEntry("steps", "by epochs")
        .containsEntry("epochs", "4");
  }

  @Test
  void schedule_phases_areTenTwentyFortyThirty() {
    Schedule schedule = Schedule.ofSteps(200, 0.7);
    assertThat(schedule).isEqualTo(new Schedule(200, 20, 60, 140));
    assertThat(schedule.phase(0)).isEqualTo(Phase.OPEN);
    assertThat(schedule.phase(20)).isEqualTo(Phase.RAMP);
    assertThat(schedule.phase(60)).isEqualTo(Phase.HOLD);
    assertThat(schedule.phase(140)).isEqualTo(Phase.FINE_TUNE);
    BudgetPlan plan =
        new BudgetPlan(
            List.of(
                Constraint.additive("parameters", new int[] {1, 2}, new long[] {10, 10}, 5),
                new Constraint("points", new int[] {1, 2}, new long[2], 1, 2)));
    assertThat(plan.inForce(schedule.budgetLeft(19))).containsExactly(20, 2);
    assertThat(plan.inForce(schedule.budgetLeft(59))).containsExactly(5, 2);
    double before = 20;
    for (int step = 20; step < 60; step++) {
      double inForce = plan.inForce(schedule.budgetLeft(step))[0];
      assertThat(inForce).isBetween(5.0, before);
      before = inForce;
    }
  }

  @Test
  void defaults_search_areOneKindOfTwoRanksBehindEveryBlock() {
    SearchSettings search = SearchSettings.defaults();
    assertThat(search.forms()).containsExactly(AdapterForm.BOTTLENECK_SEQUENTIAL);
    assertThat(search.ranks()).containsExactly(4, 16);
    assertThat(search.points()).isEmpty();
    assertThat(search.placement()).isEqualTo(Placement.BLOCK_WISE);
    assertThat(search.gates()).isEqualTo(GateForm.HARD_CONCRETE);
    assertThat(search.trunkWeight()).isZero();
    assertThat(search.toBuilder().build()).isEqualTo(search);
  }
}
