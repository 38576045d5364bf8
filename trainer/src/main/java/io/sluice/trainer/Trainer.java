package io.sluice.trainer;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.checkpoint.Checkpoints;
import io.sluice.trainer.checkpoint.SweepCheckpoints;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.gate.Budget;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Learns a task: from labelled rows to a bundle whose adapters are where the task needs them and
 * within the budget. A run is a function of backbone, rows, settings and number of threads: the
 * same give the same bundle digest. Thread-safe; a run occupies its thread and ends early, with
 * {@link ErrorCode#CANCELLED}, when that is interrupted.
 */
public final class Trainer {
  private final RunPreparation preparation;

  public Trainer(OnnxRuntime runtime) {
    this(runtime, null);
  }

  /**
   * A trainer of runs over the same rows.
   *
   * @param shared keeps what they have in common; {@code null}: nothing
   */
  public Trainer(OnnxRuntime runtime, @Nullable SharedRows shared) {
    this.preparation = new RunPreparation(runtime, shared);
  }

  /**
   * Runs once.
   *
   * @param train rows to learn from
   * @param dev rows to choose by, with labels that the train rows have too
   * @throws SluiceException {@code INVALID_ARGUMENT} for rows or a budget that will not do; {@code
   *     CANCELLED} when interrupted
   */
  public TrainResult train(
      Backbone backbone,
      Dataset train,
      Dataset dev,
      TrainSettings settings,
      ProgressListener listener) {
    return train(backbone, train, dev, settings, listener, Checkpoints.NONE);
  }

  /**
   * Runs once, or what is left of a run: from the newest checkpoint on there is every step as it
   * would have been, and the result is the uninterrupted run's to the bit.
   *
   * @param train rows to learn from
   * @param dev rows to choose by, with labels that the train rows have too
   * @param checkpoints where the run is saved, and taken up from
   * @throws SluiceException {@code INVALID_ARGUMENT} for rows or a budget that will not do; {@code
   *     FAILED_PRECONDITION} if the newest checkpoint is of another run; {@code CANCELLED} when
   *     interrupted, after a checkpoint has been saved
   */
  public TrainResult train(
      Backbone backbone,
      Dataset train,
      Dataset dev,
      TrainSettings settings,
      ProgressListener listener,
      Checkpoints checkpoints) {
    PreparedRun prepared =
        preparation.prepare(
            backbone,
            new RunPreparation.Rows(train, dev),
            settings,
            new RunProgress(listener),
            new RunPreparation.Saved(checkpoints, Map.of()));
    return RunEnd.of(prepared, prepared.fineTuning());
  }

  /**
   * One run under budgets that fall: at each, what the candidates have become is frozen, learns on
   * by itself and is compiled; then the search goes on from before the freeze. Costs much less than
   * a run for each budget.
   *
   * @param train rows to learn from
   * @param dev rows to choose by, with labels that the train rows have too
   * @param settings of the run; its budget does not matter
   * @param budgets one or more, in one unit, falling
   * @return what was reached at each stop
   * @throws SluiceException {@code INVALID_ARGUMENT} for rows or budgets that will not do; {@code
   *     CANCELLED} when interrupted
   */
  public List<TrainResult> sweep(
      Backbone backbone,
      Dataset train,
      Dataset dev,
      TrainSettings settings,
      List<Budget> budgets,
      SweepListener listener) {
    return sweep(backbone, train, dev, settings, budgets, listener, SweepCheckpoints.NONE);
  }

  /**
   * A sweep, or what is left of one: stops that were finished are compiled again from what was
   * kept, all others go on, and every bundle is the uninterrupted sweep's to the bit.
   *
   * @param train rows to learn from
   * @param dev rows to choose by, with labels that the train rows have too
   * @param settings of the run; its budget does not matter
   * @param budgets one or more, in one unit, falling
   * @param checkpoints where the sweep is saved, and taken up from
   * @return what was reached at each stop
   * @throws SluiceException {@code INVALID_ARGUMENT} for rows or budgets that will not do; {@code
   *     FAILED_PRECONDITION} if a checkpoint is of another sweep; {@code CANCELLED} when
   *     interrupted, after a checkpoint has been saved
   */
  public List<TrainResult> sweep(
      Backbone backbone,
      Dataset train,
      Dataset dev,
      TrainSettings settings,
      List<Budget> budgets,
      SweepListener listener,
      SweepCheckpoints checkpoints) {
    return new SweepRun(preparation, backbone, settings, budgets)
        .run(new RunPreparation.Rows(train, dev), listener, checkpoints);
  }

  /**
   * Tunes all weights of the encoder that its forward graph reads, and the head: the usual
   * yardstick for adapters, by the same data, head start, evaluation and schedule as a run whose
   * structure is set before. It makes no bundle, as what is tuned is not the encoder that tasks
   * share any more, and leaves the backbone itself as it is. The rate is that of the settings,
   * which adapters want much higher: {@link OptimizerSettings#FULL_TUNING_RATE} is a good one here,
   * and it falls from layer to layer by {@link OptimizerSettings#layerDecay}.
   *
   * @param train rows to learn from
   * @param dev rows to choose by, with labels that the train rows have too
   * @param settings of the run; budget and search do not matter
   * @throws SluiceException {@code INVALID_ARGUMENT} for rows that will not do; {@code CANCELLED}
   *     when interrupted
   */
  public FullTuningResult tuneAll(
      Backbone backbone,
      Dataset train,
      Dataset dev,
      TrainSettings settings,
      ProgressListener listener) {
    return tuneAll(backbone, train, dev, settings, listener, Checkpoints.NONE);
  }

  /**
   * Tunes all weights, or goes on with it: from the newest checkpoint on there is every step as it
   * would have been. A checkpoint holds four numbers a weight; an encoder of more than 33 million
   * weights is not saved.
   *
   * @param train rows to learn from
   * @param dev rows to choose by, with labels that the train rows have too
   * @param settings of the run; budget and search do not matter
   * @param checkpoints where the run is saved, and taken up from
   * @throws SluiceException {@code INVALID_ARGUMENT} for rows that will not do; {@code
   *     FAILED_PRECONDITION} if the newest checkpoint is of another run; {@code CANCELLED} when
   *     interrupted, after a checkpoint has been saved
   */
  public FullTuningResult tuneAll(
      Backbone backbone,
      Dataset train,
      Dataset dev,
      TrainSettings settings,
      ProgressListener listener,
      Checkpoints checkpoints) {
    if (settings.task().precision() != Precision.FP32) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "backbone-precision: "
              + settings.task().precision()
              + " (expected: FP32, as full fine-tuning changes the weights that would be rounded)");
    }
    TrainSettings whole =
        settings.toBuilder().search(search -> search.method(Method.HEAD_ONLY)).build();
    PreparedRun prepared =
        preparation.prepare(
            backbone,
            new RunPreparation.Rows(train, dev),
            whole,
            new RunProgress(listener),
            new RunPreparation.Saved(
                FullTuning.saved(backbone, checkpoints), Map.of("learned", "all weights")));
    return new FullTuning(prepared.run(), prepared.start()).tune();
  }
}
