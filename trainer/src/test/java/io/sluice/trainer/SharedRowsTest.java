package io.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.testing.TestingBackbone;
import io.sluice.trainer.testing.TestingData;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SharedRowsTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.make();
  private final Dataset train = TestingData.rows(160, 1);
  private final Dataset dev = TestingData.rows(60, 2);

  @Test
  void train_rowsShared_sameBundlesAsByItselfAndPreparedOnce() {
    SharedRows shared = new SharedRows();
    for (long seed : new long[] {1, 2, 1}) {
      assertThat(run(new Trainer(runtime, shared), seed, 32).bundle().digest())
          .as("seed %d", seed)
          .isEqualTo(run(new Trainer(runtime), seed, 32).bundle().digest());
    }
    assertThat(preparations(shared, 32)).isZero();
    assertThat(preparations(shared, 5)).as("rows cut shorter are other rows").isPositive();
  }

  @Test
  void tuneAll_rowsShared_sameFiguresAsByItself() {
    SharedRows shared = new SharedRows();
    run(new Trainer(runtime, shared), 1, 32);
    assertThat(tuned(new Trainer(runtime, shared)).dev().measures())
        .isEqualTo(tuned(new Trainer(runtime)).dev().measures());
  }

  private FullTuningResult tuned(Trainer trainer) {
    return trainer.tuneAll(backbone, train, dev, settings(1, 32), ProgressListener.SILENT);
  }

  private TrainResult run(Trainer trainer, long seed, int tokens) {
    return trainer.train(backbone, train, dev, settings(seed, tokens), ProgressListener.SILENT);
  }

  /** How often rows are reported as prepared in a run over what is shared. */
  private int preparations(SharedRows shared, int tokens) {
    List<Progress> heard = new ArrayList<>();
    new Trainer(runtime, shared)
        .train(
            backbone,
            train,
            dev,
            settings(1, tokens),
            progress -> {
              if (progress.phase() == Phase.PROBE) {
                heard.add(progress);
              }
            });
    return heard.size();
  }

  private static TrainSettings settings(long seed, int tokens) {
    return TrainSettings.defaults().toBuilder()
        .seed(seed)
        .budget(new Budget.Points(2))
        .search(search -> search.ranks(Set.of(4)))
        .task(task -> task.maxTokens(tokens))
        .schedule(schedule -> schedule.steps(20).patience(100))
        .optimizer(optimizer -> optimizer.learningRate(0.02))
        .build();
  }
}
