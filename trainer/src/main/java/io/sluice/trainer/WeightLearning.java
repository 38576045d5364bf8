package io.sluice.trainer;

import io.sluice.trainer.history.Phase;
import io.sluice.trainer.history.StepFigures;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.model.ForwardSession;
import io.sluice.trainer.model.TrainingSession;
import io.sluice.trainer.optim.AdamW;
import io.sluice.trainer.optim.LearningRate;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Given weights that learn from the freeze to the end of a run, or until the dev rows are answered
 * no better for long; the weights that answer them best are what is kept. Confined to the training
 * thread.
 */
final class WeightLearning {
  /**
   * The best weights seen.
   *
   * @param values the weights
   * @param logits what the head says of each dev row
   * @param dev their answers on the dev rows
   * @param step steps done when they were seen
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  record Best(float[] values, float[][] logits, Evaluation dev, int step) {}

  /**
   * How far it has come.
   *
   * @param step steps of the whole run that are done
   * @param best the best so far
   * @param worse evaluations since then
   */
  record State(int step, Best best, int worse) {
    private State next() {
      return new State(step + 1, best, worse);
    }

    private State judged(Best now) {
      return new State(step, now, now.step == best.step ? worse + 1 : 0);
    }
  }

  /**
   * What learns.
   *
   * @param values moved in place
   * @param adam their optimiser
   * @param training loss and gradients by them
   * @param forward logits by them
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  record Weights(float[] values, AdamW adam, TrainingSession training, ForwardSession forward) {}

  /**
   * What reports say stands still.
   *
   * @param open 1 for each candidate that is there, 0 for the others
   * @param cost what those cost
   * @param startCounts whether the weights it begins with may be what is kept; not where they are
   *     the linear probe's and adapters that have not learned anything yet
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  record Frozen(double[] open, long cost, boolean startCounts) {}

  private final RunContext run;
  private final Weights weights;
  private final Frozen frozen;

  WeightLearning(RunContext run, Weights weights, Frozen frozen) {
    this.run = run;
    this.weights = weights;
    this.frozen = frozen;
  }

  /** Where it begins: the weights as they are, judged. */
  State start() {
    int step = run.schedule().freezeStep();
    return new State(step, evaluate(step, null), 0);
  }

  /** Where it was once, judged again. */
  State restored(int step, float[] best, int bestStep, int worse) {
    return new State(step, judged(best, bestStep), worse);
  }

  /**
   * Runs the steps that are left.
   *
   * @param before told of each step, from 0, before it
   * @param after told of the state after each step
   * @return the state at the end
   */
  State learn(State from, IntConsumer before, Consumer<State> after) {
    int first = run.schedule().freezeStep();
    int steps = run.schedule().steps();
    int every = Math.max(1, (steps - first) / run.settings().schedule().evaluations());
    LearningRate rate = run.learningRate();
    float[] values = weights.values();
    StepGradient gradient = new StepGradient(run, weights.training(), values.length, 0);
    State state = from;
    while (state.step < steps && state.worse < run.settings().schedule().patience()) {
      before.accept(state.step);
      double loss = gradient.compute(state.step, values, new float[0]);
      double learningRate = run.settings().optimizer().learningRate() * rate.at(state.step);
      weights.adam().update(values, gradient.gradients(), learningRate);
      state = state.next();
      report(state.step, loss, learningRate, gradient.norm());
      if ((state.step - first) % every == 0 || state.step == steps) {
        state = state.judged(evaluate(state.step, state.best));
      }
      after.accept(state);
    }
    return state;
  }

  private Best evaluate(int step, @Nullable Best best) {
    Best now = judged(weights.values().clone(), step);
    TaskSettings task = run.settings().task();
    boolean better =
        best == null
            ? counts(step)
            : !counts(best.step) || task.score(now.dev) > task.score(best.dev);
    run.progress().evaluated(step, now.dev, run.judge().loss(now.logits), better);
    return best == null || better ? now : best;
  }

  private boolean counts(int step) {
    return frozen.startCounts() || step > run.schedule().freezeStep();
  }

  private Best judged(float[] values, int step) {
    float[][] logits = weights.forward().logits(run.dev(), values);
    return new Best(values, logits, run.judge().evaluate(logits), step);
  }

  private void report(int done, double loss, double learningRate, double gradientNorm) {
    StepFigures figures =
        new StepFigures(
            Phase.FINE_TUNE,
            done,
            loss,
            learningRate,
            gradientNorm,
            (double) frozen.cost(),
            (double) run.budget().limit());
    run.progress().stepped(figures, run.schedule().steps(), frozen.open());
  }
}
