package io.sluice.trainer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.diagnosis.NoGainOverProbe;
import io.sluice.trainer.diagnosis.Overfitting;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.history.StepSpan;
import io.sluice.trainer.testing.TestingBackbone;
import io.sluice.trainer.testing.TestingData;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What real runs over a small backbone show for themselves. */
class RunEvidenceTest {
  private static final long ADAPTER = 2L * 8 * 4 + 4 + 8;

  private final Dataset dev = TestingData.rows(100, 2);

  @Test
  void train_taskThatAdaptersSolve_keepsEveryStepAndFindsNoLackOfGain() {
    TrainResult result = train(TestingData.rows(300, 1), 300, 0.01);
    List<StepSpan> spans = result.history().spans();
    assertThat(spans.get(0).firstStep()).isOne();
    assertThat(spans.get(spans.size() - 1).lastStep()).isEqualTo(result.steps());
    assertThat(result.history().spans(Phase.OPEN))
        .allSatisfy(span -> assertThat(span.open().parameters()).isEqualTo(4 * ADAPTER));
    assertThat(result.history().spans(Phase.FINE_TUNE))
        .allSatisfy(span -> assertThat(span.open().parameters()).isEqualTo(2 * ADAPTER));
    assertThat(result.history().survivors()).hasSize(2);
    assertThat(result.findings()).noneMatch(NoGainOverProbe.class::isInstance);
  }

  @Test
  void train_tenRowsManyTimesOver_findsOverfitting() {
    TrainResult result = train(TestingData.rows(10, 1), 300, 0.02);
    assertThat(result.findings()).anyMatch(Overfitting.class::isInstance);
  }

  @Test
  void train_anyRun_attachesReportAndPictureOfItself() {
    TrainResult result = train(TestingData.rows(60, 1), 40, 0.01);
    String page = attachment(result, "report.html");
    assertThat(attachment(result, "structure.svg"))
        .startsWith("<svg")
        .contains("2 of 4 candidates");
    assertThat(page).contains("Diagnosis", "Calibration", "2 of 4 candidates");
    result.findings().forEach(finding -> assertThat(page).contains(finding.title()));
  }

  private static String attachment(TrainResult result, String name) {
    return new String(requireNonNull(result.bundle().attachment(name), name), UTF_8);
  }

  private TrainResult train(Dataset rows, int steps, double learningRate) {
    TrainSettings settings =
        TrainSettings.defaults().toBuilder()
            .budget(new Budget.Parameters(2 * ADAPTER + 3))
            .search(search -> search.ranks(Set.of(4)))
            .task(task -> task.maxTokens(32))
            .schedule(schedule -> schedule.steps(steps))
            .optimizer(optimizer -> optimizer.learningRate(learningRate))
            .build();
    return new Trainer(OnnxRuntime.shared())
        .train(TestingBackbone.make(), rows, dev, settings, ProgressListener.SILENT);
  }
}
