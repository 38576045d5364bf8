package io.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.checkpoint.Checkpoints;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.testing.TestingBackbone;
import io.sluice.trainer.testing.TestingData;
import io.sluice.trainer.testing.TestingSettings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SweepTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.make();
  private final Dataset train = TestingData.rows(200, 1);
  private final Dataset dev = TestingData.rows(80, 2);

  @Test
  void sweep_fallingBudgets_eachStopMeetsItsBudgetAndTheFirstIsTheRunByItself() {
    List<Budget> budgets =
        List.of(new Budget.Points(3), new Budget.Points(2), new Budget.Points(1));
    List<Integer> begun = new ArrayList<>();
    List<Integer> steps = new ArrayList<>();
    List<TrainResult> reached = new ArrayList<>();
    int handles = runtime.openHandles();
    List<TrainResult> results =
        new Trainer(runtime)
            .sweep(
                backbone,
                train,
                dev,
                settings(),
                budgets,
                new SweepListener() {
                  @Override
                  public ProgressListener begins(int stop, Budget budget) {
                    begun.add(stop);
                    return progress -> steps.add(progress.step());
                  }

                  @Override
                  public void reached(int stop, TrainResult result) {
                    reached.add(result);
                  }
                });
    assertThat(runtime.openHandles()).isEqualTo(handles);
    assertThat(begun).containsExactly(1, 2, 3);
    assertThat(reached).isEqualTo(results);
    assertThat(results).extracting(TrainResult::cost).containsExactly(3L, 2L, 1L);
    assertThat(results).extracting(r -> r.bundle().points().size()).containsExactly(3, 2, 1);
    assertThat(results.get(0).dev().measures().get("accuracy"))
        .isGreaterThan(results.get(0).probe().measures().get("accuracy"));
    assertThat(results.get(2).bundle().manifest().provenance().hyperParameters())
        .containsEntry("budget", "1 points")
        .containsEntry("swept_from", "3 points, 2 points");
    // 60 steps, 30 of them search; then twice a ramp of 4 and a hold of 8, and a fine-tuning of 30.
    assertThat(steps.get(steps.size() - 1)).isEqualTo(30 + 2 * (4 + 8) + 30);
    TrainResult alone =
        new Trainer(runtime)
            .train(
                backbone,
                train,
                dev,
                settings().toBuilder().budget(budgets.get(0)).build(),
                ProgressListener.SILENT,
                Checkpoints.NONE);
    assertThat(results.get(0).bundle().digest()).isEqualTo(alone.bundle().digest());
  }

  @Test
  void sweep_budgetsThatDoNotFall_areRefused() {
    for (List<Budget> budgets :
        List.<List<Budget>>of(
            List.of(),
            List.of(new Budget.Points(1), new Budget.Points(2)),
            List.of(new Budget.Points(1), new Budget.Parameters(76)))) {
      assertThatThrownBy(
              () ->
                  new Trainer(runtime)
                      .sweep(backbone, train, dev, settings(), budgets, new Unheard()))
          .isInstanceOfSatisfying(
              SluiceException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
          .hasMessageContaining("falling");
    }
  }

  private static final class Unheard implements SweepListener {
    @Override
    public ProgressListener begins(int stop, Budget budget) {
      return ProgressListener.SILENT;
    }

    @Override
    public void reached(int stop, TrainResult result) {}
  }

  private static TrainSettings settings() {
    return TestingSettings.patient(60).optimizer(optimizer -> optimizer.learningRate(0.02)).build();
  }
}
