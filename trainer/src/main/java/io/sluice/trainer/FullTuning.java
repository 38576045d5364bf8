package io.sluice.trainer;

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

  FullTuningResult tune() {
    int size = graphs.layout().size();
    OptimizerSettings settings = run.settings().optimizer();
    AdamW adam =
        new AdamW(
            AdamW.Settings.withDecay(settings.weightDecay()),
            graphs.rateScales(settings.layerDecay()),
            graphs.layout().decayed());
    try (ForwardSession forward = ForwardSession.of(run.runtime(), graphs);
        TrainingSession session = TrainingSession.of(run.runtime(), graphs, run.regularisation())) {
      WeightLearning learning =
          new WeightLearning(
              run,
              new WeightLearning.Weights(graphs.start(start.map()), adam, session, forward),
              new WeightLearning.Frozen(
                  new double[run.budget().size()], run.budget().first().of(new BitSet()), false));
      WeightLearning.State reached =
          learning.learn(
              learning.start(), step -> {}, state -> RunCheckpoints.requireNotInterrupted());
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
