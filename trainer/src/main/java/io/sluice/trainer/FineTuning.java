package io.sluice.trainer;

import io.sluice.trainer.metric.Confusion;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.model.ForwardSession;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.TrainingSession;
import io.sluice.trainer.optim.GradientNorm;
import io.sluice.trainer.optim.LearningRate;
import org.jspecify.annotations.Nullable;

/**
 * The last part of a run: the survivors' weights learn on, through a graph that holds nothing else
 * and begins above the trunk; the weights that answer the dev rows best are what is kept. Confined
 * to the training thread.
 */
final class FineTuning {
  private static final int EVALUATIONS = 8;

  /**
   * The best weights seen.
   *
   * @param values weights of survivors and head
   * @param dev their answers on the dev rows
   * @param step steps done when they were seen
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  record Best(float[] values, Evaluation dev, int step) {}

  /**
   * How it ended.
   *
   * @param best the best weights seen
   * @param steps steps of the whole run that were done
   */
  record Tuned(Best best, int steps) {}

  private final RunContext run;
  private final FrozenStructure structure;
  private final ParameterLayout layout;

  FineTuning(RunContext run, FrozenStructure structure) {
    this.run = run;
    this.structure = structure;
    this.layout = run.graphs().layout(structure.candidates());
  }

  /** Runs the steps behind the freeze, or fewer if the dev rows are answered no better for long. */
  Tuned tune() {
    int from = run.schedule().freezeStep();
    int steps = run.schedule().steps();
    int every = Math.max(1, (steps - from) / EVALUATIONS);
    LearningRate rate = run.learningRate();
    float[] values = structure.values();
    float[] gradients = new float[layout.size()];
    Trunk trunk = Trunk.below(structure.candidates(), run);
    try (trunk;
        ForwardSession forward =
            new ForwardSession(
                run.runtime(),
                run.graphs().forward(structure.candidates(), trunk.boundary()),
                layout.size(),
                trunk.cache());
        TrainingSession session =
            new TrainingSession(
                run.runtime(),
                run.graphs().training(structure.candidates(), false, trunk.boundary()),
                layout.size(),
                0,
                run.regularisation(),
                trunk.cache())) {
      Best best = evaluate(forward, values, from, null);
      int worse = 0;
      int step = from;
      for (; step < steps && worse < run.settings().schedule().patience(); step++) {
        trunk.prepare(step, steps);
        double loss =
            session.step(step, run.train(), run.batches().rows(step), values, new float[0]);
        session.gradients(gradients);
        TrainingFault.requireFinite(
            GradientNorm.clip(gradients, run.settings().optimizer().clipNorm()), step);
        double learningRate = run.settings().optimizer().learningRate() * rate.at(step);
        structure.adam().update(values, gradients, learningRate);
        report(step, loss, learningRate);
        if ((step + 1 - from) % every == 0 || step + 1 == steps) {
          Best now = evaluate(forward, values, step + 1, best);
          worse = now.step == best.step ? worse + 1 : 0;
          best = now;
        }
      }
      return new Tuned(best, step);
    }
  }

  private Best evaluate(ForwardSession forward, float[] values, int step, @Nullable Best best) {
    int[] answers = Confusion.answers(forward.logits(run.dev(), values));
    Evaluation dev = Confusion.of(run.dev().labels(), answers, run.head().labels());
    boolean better =
        best == null
            || run.settings().task().metric().of(dev) > run.settings().task().metric().of(best.dev);
    run.progress().evaluated(step, dev, better);
    return best == null || better ? new Best(values.clone(), dev, step) : best;
  }

  private void report(int step, double loss, double learningRate) {
    double[] open = new double[run.budget().costs().length];
    structure.chosen().stream().forEach(i -> open[i] = 1);
    run.progress()
        .stepped(
            Phase.FINE_TUNE,
            step + 1,
            run.schedule().steps(),
            loss,
            learningRate,
            new RunProgress.Costs(structure.cost(), run.budget().limit()),
            open);
  }
}
