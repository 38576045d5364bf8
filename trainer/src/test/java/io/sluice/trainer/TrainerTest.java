package io.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.PointEntry;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.Example;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.metric.Metric;
import io.sluice.trainer.model.TrunkLimits;
import io.sluice.trainer.testing.NothingLeftOpen;
import io.sluice.trainer.testing.TestingBackbone;
import io.sluice.trainer.testing.TestingData;
import io.sluice.trainer.testing.TestingSettings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NothingLeftOpen.class)
class TrainerTest {
  private static final long ADAPTER = 2L * 8 * 4 + 4 + 8;

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.make();
  private final Dataset train = TestingData.rows(300, 1);
  private final Dataset dev = TestingData.rows(100, 2);

  @Test
  void train_taskNoLinearMapSolves_beatsTheProbeWithinTheBudget() {
    List<Progress> heard = new ArrayList<>();
    TrainResult result = train(settings(2 * ADAPTER + 3), heard::add);
    assertThat(result.dev().of(Metric.ACCURACY))
        .isGreaterThan(result.probe().of(Metric.ACCURACY) + 0.1);
    assertThat(result.cost()).isEqualTo(2 * ADAPTER).isLessThanOrEqualTo(result.budget());
    assertThat(result.parameters().adapters()).isEqualTo(2 * ADAPTER);
    List<PointEntry> structure = result.bundle().manifest().structure();
    assertThat(structure).hasSize(2).allSatisfy(e -> assertThat(e.parameters()).isEqualTo(ADAPTER));
    assertThat(result.bundle().manifest().metrics())
        .containsEntry("dev_accuracy", result.dev().of(Metric.ACCURACY));
    assertThat(heard)
        .filteredOn(p -> p.phase() == Phase.OPEN)
        .isNotEmpty()
        .allMatch(p -> p.openGates() == 4);
    assertThat(heard)
        .filteredOn(p -> p.phase() == Phase.HOLD)
        .isNotEmpty()
        .allMatch(p -> p.expectedCost() <= p.budget());
    assertThat(heard.get(heard.size() - 1).openGates()).isEqualTo(2);
  }

  @Test
  void train_twiceTheSame_givesTheSameDigestAndAnotherSeedAnother() {
    TrainSettings settings = settings(ADAPTER).toBuilder().schedule(s -> s.steps(40)).build();
    TrainResult first = train(settings, ProgressListener.SILENT);
    assertThat(train(settings, ProgressListener.SILENT).bundle().digest())
        .isEqualTo(first.bundle().digest());
    TrainSettings other = settings.toBuilder().seed(9).build();
    assertThat(train(other, ProgressListener.SILENT).bundle().digest())
        .isNotEqualTo(first.bundle().digest());
  }

  @Test
  void train_whateverIsKeptOfTheTrunk_givesTheSameDigest() {
    TrainSettings settings = settings(ADAPTER).toBuilder().schedule(s -> s.steps(40)).build();
    TrainResult kept = train(settings, ProgressListener.SILENT);
    for (TrunkLimits limits : List.of(TrunkLimits.none(), new TrunkLimits(0, 1L << 26))) {
      TrainSettings other = settings.toBuilder().trunk(limits).build();
      assertThat(train(other, ProgressListener.SILENT).bundle().digest())
          .as("%s", limits)
          .isEqualTo(kept.bundle().digest());
    }
  }

  @Test
  void train_budgetInPoints_isKept() {
    TrainSettings settings =
        settings(1).toBuilder().budget(new Budget.Points(1)).schedule(s -> s.steps(30)).build();
    TrainResult result = train(settings, ProgressListener.SILENT);
    assertThat(result.cost()).isEqualTo(1);
    assertThat(result.unit()).isEqualTo("points");
    assertThat(result.bundle().points()).hasSize(1);
  }

  @Test
  void train_budgetBelowCheapestCandidate_isRefusedWithTheLeastFeasible() {
    assertThatThrownBy(() -> train(settings(ADAPTER - 1), ProgressListener.SILENT))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("75 parameters (expected: >= 76, the cheapest candidate");
  }

  @Test
  void train_rowsThatMakeNoTask_areRefusedWithEverythingWrong() {
    Dataset one =
        new Dataset("one.jsonl", List.of("text"), List.of(new Example("w1", null, "x", 1)));
    Dataset other =
        new Dataset("dev.jsonl", List.of("a", "b"), List.of(new Example("w1", "w2", "y", 7)));
    assertThatThrownBy(
            () ->
                new Trainer(runtime)
                    .train(backbone, one, other, settings(ADAPTER), ProgressListener.SILENT))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("one.jsonl: labels: only [x] (expected: two or more)")
        .hasMessageContaining("dev.jsonl: text fields: [a, b] (expected: [text])")
        .hasMessageContaining("dev.jsonl:7: label: y (expected: one of the train rows' [x])");
  }

  @Test
  void train_interrupted_endsAndLeavesNothingOpen() {
    assertThatThrownBy(
            () ->
                train(
                    settings(ADAPTER),
                    progress -> {
                      if (progress.phase() == Phase.RAMP) {
                        Thread.currentThread().interrupt();
                      }
                    }))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
    assertThat(Thread.interrupted()).isTrue();
  }

  private TrainResult train(TrainSettings settings, ProgressListener listener) {
    return new Trainer(runtime).train(backbone, train, dev, settings, listener);
  }

  private static TrainSettings settings(long budget) {
    return TestingSettings.steps(300).budget(new Budget.Parameters(budget)).build();
  }
}
