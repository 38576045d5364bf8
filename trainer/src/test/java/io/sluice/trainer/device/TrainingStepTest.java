package io.sluice.trainer.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TrainingStepTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = SluiceMini.load();
  private final int lowest = backbone.points() - 3;
  private final TrainingStep.Size upper = new TrainingStep.Size(2, 5, lowest);

  @Test
  void between_sameStepTwice_isNoErrorAtAll() {
    try (TrainingStep one = new TrainingStep(runtime, backbone, upper);
        TrainingStep other = new TrainingStep(runtime, backbone, upper)) {
      StepError error = StepError.between(one, other);
      assertThat(error).isEqualTo(new StepError(0, 0, 0, 0, "none"));
      assertThat(error.within(0)).isTrue();
    }
  }

  @Test
  void between_otherBatch_isAnError() {
    try (TrainingStep one = new TrainingStep(runtime, backbone, upper);
        TrainingStep other =
            new TrainingStep(runtime, backbone, new TrainingStep.Size(3, 5, lowest))) {
      StepError error = StepError.between(one, other);
      assertThat(error.gradients()).isGreaterThan(1e-2);
      assertThat(error.within(1e-3)).isFalse();
    }
  }

  @Test
  void operators_ofAStep_areOnTheProcessorAndTwoProductsAnAdapterAtLeast() {
    OperatorTimes times = OperatorTimes.of(runtime, backbone, upper);
    assertThat(times.rows()).allMatch(row -> row.provider().equals("CPU") && row.micros() > 0);
    double products =
        times.rows().stream()
            .filter(row -> row.operator().contains("MatMul"))
            .mapToDouble(OperatorTimes.Row::count)
            .sum();
    assertThat(products).isGreaterThan(2 * 4).isCloseTo(Math.rint(products), within(1e-9));
  }

  @Test
  void rate_severalTrainingsAtOnce_allMakeSteps() {
    StepRate rate = StepRate.of(runtime, backbone, upper, Duration.ofMillis(50), 3);
    assertThat(rate.stepsPerSecond()).isPositive();
    assertThat(rate.medianMillis()).isPositive();
  }
}
