package io.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.checkpoint.CheckpointFolder;
import io.sluice.trainer.checkpoint.Checkpoints;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.testing.TestingBackbone;
import io.sluice.trainer.testing.TestingData;
import io.sluice.trainer.testing.TestingSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The oracle is the run that nobody stopped: the same bundle to the bit. */
class ResumeTest {
  /** Ramp from step 4, hold from 12, frozen at 28. */
  private static final int STEPS = 40;

  private static final Duration NEVER = Duration.ofDays(1);

  @TempDir Path directory;
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.make();
  private final Dataset train = TestingData.rows(120, 1);
  private final Dataset dev = TestingData.rows(40, 2);

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 5, 11, 12, 20, 27, 28, 29, 33, 39, 40})
  void resume_interruptedAtAStep_isTheUninterruptedRunToTheBit(int step) {
    TrainResult whole = train(settings(), ProgressListener.SILENT, Checkpoints.NONE);
    interrupt(step);
    List<Integer> heard = new ArrayList<>();
    TrainResult resumed =
        train(
            settings(),
            progress -> {
              if (progress.phase() != Phase.PROBE) {
                heard.add(progress.step());
              }
            },
            folder(NEVER));
    assertThat(heard).isEqualTo(IntStream.rangeClosed(step + 1, STEPS).boxed().toList());
    assertThat(resumed.bundle().digest()).isEqualTo(whole.bundle().digest());
    assertThat(resumed.dev().measures()).isEqualTo(whole.dev().measures());
    assertThat(resumed.steps()).isEqualTo(whole.steps());
    assertThat(resumed.history()).isEqualTo(whole.history());
  }

  @Test
  void resume_interruptedOverAndOver_isTheUninterruptedRunToTheBit() {
    TrainResult whole = train(settings(), ProgressListener.SILENT, Checkpoints.NONE);
    for (int step = 2; step <= STEPS; step += 7) {
      interrupt(step);
    }
    TrainResult resumed = train(settings(), ProgressListener.SILENT, folder(NEVER));
    assertThat(resumed.bundle().digest()).isEqualTo(whole.bundle().digest());
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 18, 28, 31})
  void resume_crashedWithoutWarning_isTheUninterruptedRunToTheBit(int step) {
    TrainResult whole = train(settings(), ProgressListener.SILENT, Checkpoints.NONE);
    ProgressListener crash =
        progress -> {
          if (progress.phase() != Phase.PROBE && progress.step() == step) {
            throw new IllegalStateException("crash");
          }
        };
    assertThatThrownBy(() -> train(settings(), crash, folder(Duration.ZERO))).hasMessage("crash");
    TrainResult resumed = train(settings(), ProgressListener.SILENT, folder(NEVER));
    assertThat(resumed.bundle().digest()).isEqualTo(whole.bundle().digest());
  }

  @Test
  void resume_severalBatchesAStep_isTheUninterruptedRunToTheBit() {
    TrainSettings settings =
        settings().toBuilder()
            .optimizer(
                o ->
                    o.batchSize(4)
                        .accumulation(3)
                        .dropout(0.2)
                        .adapterDropout(0.3)
                        .labelSmoothing(0.1))
            .build();
    TrainResult whole = train(settings, ProgressListener.SILENT, Checkpoints.NONE);
    assertThatThrownBy(() -> train(settings, interrupting(17), folder(NEVER)))
        .hasMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
    TrainResult resumed = train(settings, ProgressListener.SILENT, folder(NEVER));
    assertThat(resumed.bundle().digest()).isEqualTo(whole.bundle().digest());
  }

  @Test
  void resume_otherSettingsAndData_isRefusedWithAllThatDiffers() {
    interrupt(5);
    TrainSettings other =
        settings().toBuilder().seed(4).optimizer(o -> o.learningRate(0.02)).build();
    Dataset otherRows = TestingData.rows(121, 1);
    assertThatThrownBy(
            () ->
                new Trainer(runtime)
                    .train(backbone, otherRows, dev, other, ProgressListener.SILENT, folder(NEVER)))
        .isInstanceOfSatisfying(
            SluiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageContaining("learning_rate: 0.02 (expected: 0.01, as the run began)")
        .hasMessageContaining("seed: 4 (expected: 1, as the run began)")
        .hasMessageContaining("data: sha256:");
  }

  private void interrupt(int step) {
    assertThatThrownBy(() -> train(settings(), interrupting(step), folder(NEVER)))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
    assertThat(Thread.interrupted()).isTrue();
  }

  private static ProgressListener interrupting(int step) {
    return progress -> {
      if (progress.phase() != Phase.PROBE && progress.step() == step) {
        Thread.currentThread().interrupt();
      }
    };
  }

  private Checkpoints folder(Duration every) {
    return new CheckpointFolder(directory, every, System::nanoTime);
  }

  private TrainResult train(
      TrainSettings settings, ProgressListener listener, Checkpoints checkpoints) {
    return new Trainer(runtime).train(backbone, train, dev, settings, listener, checkpoints);
  }

  private static TrainSettings settings() {
    return TestingSettings.patient(STEPS).budget(new Budget.Parameters(2L * 8 * 4 + 4 + 8)).build();
  }
}
