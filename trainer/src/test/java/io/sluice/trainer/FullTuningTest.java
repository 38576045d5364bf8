package io.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.checkpoint.CheckpointFolder;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.history.StepSpan;
import io.sluice.trainer.metric.Metric;
import io.sluice.trainer.testing.NothingLeftOpen;
import io.sluice.trainer.testing.TestingBackbone;
import io.sluice.trainer.testing.TestingData;
import io.sluice.trainer.testing.TestingSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NothingLeftOpen.class)
class FullTuningTest {
  private static final int STEPS = 200;

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.make();
  private final Dataset train = TestingData.rows(300, 1);
  private final Dataset dev = TestingData.rows(100, 2);

  @Test
  void tuneAll_taskNoLinearMapSolves_learnsItAndLeavesTheBackboneAsItWas() {
    FullTuningResult result = tune(settings(), ProgressListener.SILENT);
    assertThat(result.dev().of(Metric.ACCURACY))
        .isGreaterThan(result.probe().of(Metric.ACCURACY) + 0.1);
    List<StepSpan> spans = result.history().spans(Phase.FINE_TUNE);
    assertThat(loss(spans, spans.size() - 20, spans.size())).isLessThan(0.5 * loss(spans, 0, 20));
    assertThat(result.parameters())
        .isEqualTo(backbone.parameters() + 2L * TestingBackbone.HIDDEN + 2);
    assertThat(result.steps()).isLessThanOrEqualTo(STEPS);
    assertThat(backbone.digest()).isEqualTo(TestingBackbone.make().digest());
    assertThat(backbone.whole().initializers())
        .isEqualTo(TestingBackbone.make().whole().initializers());
  }

  @Test
  void tuneAll_twiceTheSame_isTheSameToTheBitAndDecayOfRatesMatters() {
    TrainSettings settings = settings().toBuilder().schedule(s -> s.steps(30)).build();
    FullTuningResult first = tune(settings, ProgressListener.SILENT);
    FullTuningResult second = tune(settings, ProgressListener.SILENT);
    assertThat(second.history()).isEqualTo(first.history());
    TrainSettings even = settings.toBuilder().optimizer(o -> o.layerDecay(0.3)).build();
    assertThat(tune(even, ProgressListener.SILENT).history().spans())
        .isNotEqualTo(first.history().spans());
  }

  @Test
  void tuneAll_noGainForLong_endsEarly() {
    TrainSettings settings =
        settings().toBuilder()
            .optimizer(o -> o.learningRate(1e-9))
            .schedule(s -> s.patience(2).evaluations(10))
            .build();
    assertThat(tune(settings, ProgressListener.SILENT).steps()).isEqualTo(3 * STEPS / 10);
  }

  @Test
  void tuneAll_interrupted_ends() {
    assertThatThrownBy(() -> tune(settings(), interrupting(3)))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void tuneAll_interruptedOverAndOver_isTheUninterruptedRunToTheBit(@TempDir Path folder) {
    TrainSettings settings =
        settings().toBuilder().schedule(s -> s.steps(30)).optimizer(o -> o.dropout(0.2)).build();
    FullTuningResult whole = tune(settings, ProgressListener.SILENT);
    for (int step = 2; step < 30; step += 9) {
      int last = step;
      assertThatThrownBy(() -> resume(settings, interrupting(last), folder))
          .hasMessageContaining("interrupted");
      assertThat(Thread.interrupted()).isTrue();
    }
    FullTuningResult resumed = resume(settings, ProgressListener.SILENT, folder);
    assertThat(resumed.history()).isEqualTo(whole.history());
    assertThat(resumed.dev().measures()).isEqualTo(whole.dev().measures());
    assertThat(resumed.steps()).isEqualTo(whole.steps());
  }

  @Test
  void tuneAll_checkpointOfAHeadOnlyRun_isRefused(@TempDir Path folder) {
    TrainSettings head =
        settings().toBuilder().search(search -> search.method(Method.HEAD_ONLY)).build();
    assertThatThrownBy(
            () ->
                new Trainer(runtime)
                    .train(backbone, train, dev, head, interrupting(3), folder(folder)))
        .hasMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
    assertThatThrownBy(() -> resume(settings(), ProgressListener.SILENT, folder))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("learned: all weights (expected: not there, as the run began)");
  }

  private FullTuningResult resume(TrainSettings settings, ProgressListener listener, Path path) {
    return new Trainer(runtime).tuneAll(backbone, train, dev, settings, listener, folder(path));
  }

  private static CheckpointFolder folder(Path path) {
    return new CheckpointFolder(path, Duration.ofHours(1), System::nanoTime);
  }

  private static ProgressListener interrupting(int step) {
    return progress -> {
      if (progress.phase() == Phase.FINE_TUNE && progress.step() == step) {
        Thread.currentThread().interrupt();
      }
    };
  }

  private static double loss(List<StepSpan> spans, int from, int to) {
    return spans.subList(from, to).stream().mapToDouble(StepSpan::loss).average().orElseThrow();
  }

  private FullTuningResult tune(TrainSettings settings, ProgressListener listener) {
    return new Trainer(runtime).tuneAll(backbone, train, dev, settings, listener);
  }

  private static TrainSettings settings() {
    return TestingSettings.patient(STEPS).build();
  }
}
