package io.sluice.trainer;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.model.AdaptedGraphs;
import io.sluice.trainer.model.BatchPlan;
import io.sluice.trainer.model.EncodedRows;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.Regularisation;
import io.sluice.trainer.model.TaskHead;
import io.sluice.trainer.optim.AdamW;
import io.sluice.trainer.optim.LearningRate;
import io.sluice.trainer.task.Judge;
import java.util.Arrays;

/** What the stages of one run share. */
record RunContext(
    OnnxRuntime runtime,
    Backbone backbone,
    TrainSettings settings,
    TaskHead head,
    AdaptedGraphs graphs,
    EncodedRows train,
    EncodedRows dev,
    Judge judge,
    BatchPlan batches,
    Schedule schedule,
    BudgetPlan budget,
    RunProgress progress,
    RunCheckpoints checkpoints) {
  private static final double FINE_TUNE_FACTOR = 1.0 / 3;

  /** The learning rate's course over the whole run. */
  LearningRate learningRate() {
    int warmUp = Math.max(1, (int) Math.round(settings.schedule().warmUp() * schedule.steps()));
    return new LearningRate(schedule.steps(), warmUp, schedule.freezeStep(), FINE_TUNE_FACTOR);
  }

  /** An optimiser of the weights of a layout, its moments at zero. */
  AdamW optimizer(ParameterLayout layout) {
    float[] scales = new float[layout.size()];
    Arrays.fill(scales, 1);
    return new AdamW(
        AdamW.Settings.withDecay(settings.optimizer().weightDecay()), scales, layout.decayed());
  }

  /** Dropout and smoothing as set. */
  Regularisation regularisation() {
    return new Regularisation(
        backbone.hiddenSize(),
        head.labels(),
        settings.optimizer().dropout(),
        settings.optimizer().labelSmoothing(),
        settings.seed());
  }
}
