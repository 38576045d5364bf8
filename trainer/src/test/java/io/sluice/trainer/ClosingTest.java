package io.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.checkpoint.CheckpointFolder;
import io.sluice.trainer.checkpoint.Checkpoints;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.model.TrunkLimits;
import io.sluice.trainer.testing.TestingBackbone;
import io.sluice.trainer.testing.TestingData;
import io.sluice.trainer.testing.TestingSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gates that close from below in the middle of a search. */
class ClosingTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.make();
  private final Dataset train = TestingData.rows(200, 1);
  private final Dataset dev = TestingData.rows(60, 2);

  @TempDir private Path folder = Path.of(".");

  @Test
  void search_lowestGatesGoQuiet_areClosedForGood() {
    List<Progress> hold = hold(settings());
    int at = closing(hold);
    assertThat(hold.get(at - 1).gates().get(0).openProbability()).isBetween(1e-6, 0.05);
    assertThat(hold.subList(at, hold.size()))
        .allSatisfy(p -> assertThat(p.gates().get(0).openProbability()).isZero())
        .allSatisfy(p -> assertThat(p.expectedCost()).isLessThanOrEqualTo(p.budgetInForce()));
  }

  @Test
  void search_closing_dependsOnNothingThatIsKept() {
    TrainResult kept = train(settings(), ProgressListener.SILENT, Checkpoints.NONE);
    TrainSettings without = settings().toBuilder().trunk(TrunkLimits.none()).build();
    assertThat(train(without, ProgressListener.SILENT, Checkpoints.NONE).bundle().digest())
        .isEqualTo(kept.bundle().digest());
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1, 10})
  void resume_aroundTheClosing_isTheUninterruptedRunToTheBit(int stepsAfter) {
    TrainResult whole = train(settings(), ProgressListener.SILENT, Checkpoints.NONE);
    List<Progress> hold = hold(settings());
    int step = hold.get(closing(hold)).step() - 1 + stepsAfter;
    ProgressListener interrupting =
        p -> {
          if (p.phase() == Phase.HOLD && p.step() == step) {
            Thread.currentThread().interrupt();
          }
        };
    assertThatThrownBy(() -> train(settings(), interrupting, checkpoints()))
        .isInstanceOf(SluiceException.class);
    assertThat(Thread.interrupted()).isTrue();
    TrainResult resumed = train(settings(), ProgressListener.SILENT, checkpoints());
    assertThat(resumed.bundle().digest()).isEqualTo(whole.bundle().digest());
  }

  private List<Progress> hold(TrainSettings settings) {
    List<Progress> heard = new ArrayList<>();
    train(
        settings,
        p -> {
          if (p.phase() == Phase.HOLD) {
            heard.add(p);
          }
        },
        Checkpoints.NONE);
    return heard;
  }

  /** Index of the first step with a closed gate. */
  private static int closing(List<Progress> hold) {
    int at = 0;
    while (at < hold.size() && hold.get(at).gates().get(0).openProbability() > 0) {
      at++;
    }
    assertThat(at).as("a step at which the lowest gate is closed").isBetween(20, hold.size() - 20);
    return at;
  }

  private Checkpoints checkpoints() {
    return new CheckpointFolder(folder, Duration.ofDays(1), System::nanoTime);
  }

  private TrainResult train(TrainSettings settings, ProgressListener listener, Checkpoints store) {
    return new Trainer(runtime).train(backbone, train, dev, settings, listener, store);
  }

  private static TrainSettings settings() {
    return TestingSettings.steps(200)
        .budget(new Budget.Points(1))
        .search(search -> search.gateLearningRate(0.5))
        .build();
  }
}
