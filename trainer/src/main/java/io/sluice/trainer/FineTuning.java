package io.sluice.trainer;

import io.sluice.trainer.checkpoint.SavedState;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.history.StepFigures;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.model.Candidate;
import io.sluice.trainer.model.ForwardSession;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.SearchSpace;
import io.sluice.trainer.model.TrainingSession;
import io.sluice.trainer.optim.AdamW;
import io.sluice.trainer.optim.LearningRate;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last part of a run: the survivors' weights learn on, through a graph that holds nothing else
 * and begins above the trunk; the weights that answer the dev rows best are what is kept. Confined
 * to the training thread.
 */
final class FineTuning {
  /**
   * The best weights seen.
   *
   * @param values weights of survivors and head
   * @param logits what the head says of each dev row
   * @param dev their answers on the dev rows
   * @param step steps done when they were seen
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  record Best(float[] values, float[][] logits, Evaluation dev, int step) {}

  /**
   * How it ended.
   *
   * @param best the best weights seen
   * @param steps steps of the whole run that were done
   */
  record Tuned(Best best, int steps) {}

  private static final String CHOSEN = "chosen";
  private static final String COST = "cost";
  private static final String VALUES = "values";
  private static final String ADAM = "adam";
  private static final String BEST_VALUES = "best_values";
  private static final String BEST_STEP = "best_step";
  private static final String WORSE = "worse";

  /** Part of a checkpoint that was saved while fine-tuning: steps done. */
  static final String STEPS_DONE = "fine_tune_steps_done";

  private final RunContext run;
  private final FrozenStructure structure;
  private final ParameterLayout layout;
  private final float[] values;
  private final @Nullable SavedState resumed;

  /** Fine-tuning of what was frozen just now. */
  FineTuning(RunContext run, FrozenStructure structure) {
    this(run, structure, null);
  }

  private FineTuning(RunContext run, FrozenStructure structure, @Nullable SavedState resumed) {
    this.run = run;
    this.structure = structure;
    this.resumed = resumed;
    this.layout = run.graphs().layout(structure.candidates());
    this.values = structure.values();
  }

  /** Fine-tuning that goes on from a checkpoint that was saved while fine-tuning. */
  static FineTuning resume(RunContext run, SearchSpace space, SavedState state) {
    BitSet chosen = BitSet.valueOf(state.longs(CHOSEN));
    List<Candidate> candidates = chosen.stream().mapToObj(space.candidates()::get).toList();
    AdamW adam = run.optimizer(run.graphs().layout(candidates));
    AdamState.restore(state, ADAM, adam);
    FrozenStructure structure =
        new FrozenStructure(candidates, chosen, state.number(COST), state.floats(VALUES), adam);
    return new FineTuning(run, structure, state);
  }

  FrozenStructure structure() {
    return structure;
  }

  /** Runs the steps behind the freeze, or fewer if the dev rows are answered no better for long. */
  Tuned tune() {
    int from = run.schedule().freezeStep();
    int steps = run.schedule().steps();
    int every = Math.max(1, (steps - from) / run.settings().schedule().evaluations());
    LearningRate rate = run.learningRate();
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
      StepGradient gradient = new StepGradient(run, session, layout.size(), 0);
      State state = start(forward);
      while (state.step < steps && state.worse < run.settings().schedule().patience()) {
        trunk.prepare(state.step, steps);
        double loss = gradient.compute(state.step, values, new float[0]);
        double learningRate = run.settings().optimizer().learningRate() * rate.at(state.step);
        structure.adam().update(values, gradient.gradients(), learningRate);
        state = state.next();
        report(state.step, loss, learningRate, gradient.norm());
        if ((state.step - from) % every == 0 || state.step == steps) {
          state = state.judged(evaluate(forward, state.step, state.best));
        }
        State reached = state;
        run.checkpoints().stepEnded(saved -> save(saved, reached));
      }
      return new Tuned(state.best, state.step);
    }
  }

  /** How far it has come: steps done, the best so far, evaluations since then. */
  private record State(int step, Best best, int worse) {
    State next() {
      return new State(step + 1, best, worse);
    }

    State judged(Best now) {
      return new State(step, now, now.step == best.step ? worse + 1 : 0);
    }
  }

  private State start(ForwardSession forward) {
    SavedState saved = resumed;
    if (saved == null) {
      int step = run.schedule().freezeStep();
      return new State(step, evaluate(forward, step, null), 0);
    }
    float[] best = saved.floats(BEST_VALUES);
    return new State(
        (int) saved.number(STEPS_DONE),
        best(best, forward, (int) saved.number(BEST_STEP)),
        (int) saved.number(WORSE));
  }

  private void save(SavedState.Builder saved, State state) {
    saved
        .longs(STEPS_DONE, state.step)
        .longs(CHOSEN, structure.chosen().toLongArray())
        .longs(COST, structure.cost())
        .floats(VALUES, values)
        .floats(BEST_VALUES, state.best.values)
        .longs(BEST_STEP, state.best.step)
        .longs(WORSE, state.worse);
    AdamState.save(saved, ADAM, structure.adam());
  }

  private Best evaluate(ForwardSession forward, int step, @Nullable Best best) {
    Best now = best(values.clone(), forward, step);
    TaskSettings task = run.settings().task();
    boolean better = best == null || task.score(now.dev) > task.score(best.dev);
    run.progress().evaluated(step, now.dev, run.judge().loss(now.logits), better);
    return best == null || better ? now : best;
  }

  private Best best(float[] weights, ForwardSession forward, int step) {
    float[][] logits = forward.logits(run.dev(), weights);
    return new Best(weights, logits, run.judge().evaluate(logits), step);
  }

  private void report(int done, double loss, double learningRate, double gradientNorm) {
    double[] open = new double[run.budget().size()];
    structure.chosen().stream().forEach(i -> open[i] = 1);
    StepFigures figures =
        new StepFigures(
            Phase.FINE_TUNE,
            done,
            loss,
            learningRate,
            gradientNorm,
            (double) structure.cost(),
            (double) run.budget().limit());
    run.progress().stepped(figures, run.schedule().steps(), open);
  }
}
