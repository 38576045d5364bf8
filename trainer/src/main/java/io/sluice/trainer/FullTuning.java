package io.sluice.trainer;

import io.sluice.backbone.Backbone;
import io.sluice.trainer.checkpoint.Checkpoints;
import io.sluice.trainer.checkpoint.SavedState;
import io.sluice.trainer.model.ForwardSession;
import io.sluice.trainer.model.TrainingSession;
import io.sluice.trainer.model.TunedGraphs;
import io.sluice.trainer.optim.AdamW;
import java.util.BitSet;

/**
 * A run in which all of the encoder learns with the head, as {@link WeightLearning} has it.
 * Confined to the training thread.
 */
final class FullTuning {
  /** Weights of the largest encoder that is saved; its checkpoint takes half a gibibyte. */
  static final int MOST_SAVED = 1 << 25;

  private final RunContext run;
  private final HeadStart start;
  private final TunedGraphs graphs;

  /**
   * A run at its start.
   *
   * @param run one whose structure is frozen from the first step, without adapters
   */
  FullTuning(RunContext run, HeadStart start) {
    this.run = run;
    this.start = start;
    this.graphs = new TunedGraphs(run.runtime(), run.backbone(), run.head());
  }

  /** Where such a run is saved: nowhere if that would take more memory than there may be. */
  static Checkpoints saved(Backbone backbone, Checkpoints wanted) {
    return backbone.parameters() > MOST_SAVED ? Checkpoints.NONE : wanted;
  }

  FullTuningResult tune() {
    int size = graphs.layout().size();
    OptimizerSettings settings = run.settings().optimizer();
    SavedState resumed = run.checkpoints().resumed();
    float[] values = resumed == null ? graphs.start(start.map()) : SavedLearning.values(resumed);
    AdamW adam =
        new AdamW(
            AdamW.Settings.withDecay(settings.weightDecay()),
            graphs.rateScales(settings.layerDecay()),
            graphs.layout().decayed());
    if (resumed != null) {
      SavedLearning.restore(resumed, adam);
    }
    try (ForwardSession forward = ForwardSession.of(run.runtime(), graphs);
        TrainingSession session = TrainingSession.of(run.runtime(), graphs, run.regularisation())) {
      WeightLearning learning =
          new WeightLearning(
              run,
              new WeightLearning.Weights(values, adam, session, forward),
              new WeightLearning.Frozen(
                  new double[run.budget().size()], run.budget().first().of(new BitSet()), false));
      WeightLearning.State reached =
          learning.learn(
              resumed == null ? learning.start() : SavedLearning.state(resumed, learning),
              step -> {},
              state ->
                  run.checkpoints()
                      .stepEnded(saved -> SavedLearning.save(saved, values, adam, state)));
      return new FullTuningResult(
          reached.best().dev(),
          start.dev(),
          size,
          reached.step(),
          run.progress().elapsedNanos(),
          run.progress().history());
    }
  }
}
