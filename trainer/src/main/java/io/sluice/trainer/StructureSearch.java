package io.sluice.trainer;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.checkpoint.SavedState;
import io.sluice.trainer.gate.GateControl;
import io.sluice.trainer.gate.HardConcrete;
import io.sluice.trainer.gate.QuietGates;
import io.sluice.trainer.gate.StructureChoice;
import io.sluice.trainer.gate.TrunkPreference;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.history.StepFigures;
import io.sluice.trainer.model.Candidate;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.SearchSpace;
import io.sluice.trainer.model.TrainingSession;
import io.sluice.trainer.optim.AdamW;
import io.sluice.trainer.optim.LearningRate;
import io.sluice.trainer.random.CounterRandom;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The first part of a run: weights and gates of all candidates learn together, first with every
 * gate open, then under a falling budget, then under the limit; what is then worth most is frozen.
 * Confined to the training thread.
 */
final class StructureSearch {
  /** P(open) = 0.95 at the start, by the default temperature. */
  private static final double LOG_ALPHA_START = 1.35;

  private static final String VALUES = "values";
  private static final String ADAM = "adam";
  private static final String LOG_ALPHAS = "log_alphas";
  private static final String GATE_ADAM = "gate_adam";
  private static final String CLOSED = "gates_closed";
  private static final String QUIET = "gates_quiet";

  /** A shorter graph is made only if so many steps will run on it. */
  private static final int STEPS_WORTH = 20;

  /** Part of a checkpoint that was saved while searching: steps done. */
  static final String STEPS_DONE = "search_steps_done";

  private RunContext run;
  private final SearchSpace space;
  private final ParameterLayout layout;
  private final float[] values;
  private final AdamW adam;
  private final TrunkPreference preference;
  private final GateControl gates;
  private final AdamW gateAdam;
  private final QuietGates quiet;
  private final PointRates rates;
  private final float[] gateValues;
  private int stepsDone;

  /**
   * A search at its start.
   *
   * @param headMap the head's weights and bias to start from
   */
  StructureSearch(RunContext run, SearchSpace space, float[] headMap) {
    this.run = run;
    this.space = space;
    layout = run.graphs().layout(space.candidates());
    values = layout.start(run.settings().seed());
    System.arraycopy(headMap, 0, values, layout.size() - headMap.length, headMap.length);
    adam = run.optimizer(layout);
    double[] logAlphas = new double[space.size()];
    SearchSettings search = run.settings().search();
    HardConcrete law = new HardConcrete(search.gateTemperature());
    Arrays.fill(
        logAlphas, LOG_ALPHA_START + (HardConcrete.standard().openOffset() - law.openOffset()));
    preference = new TrunkPreference(search.trunkWeight(), run.backbone().points());
    gates =
        new GateControl(
            search.gates(),
            law,
            logAlphas,
            run.budget().constraints(),
            new GateControl.Penalties(preference, search.sparsityWeight()),
            new CounterRandom(run.settings().seed(), CounterRandom.Stream.GATE_NOISE));
    gateValues = new float[space.size()];
    rates = new PointRates(layout, space, run.backbone().points());
    float[] gateRates = new float[space.size()];
    Arrays.fill(gateRates, 1);
    quiet = new QuietGates(space.size());
    gateAdam = new AdamW(AdamW.Settings.withDecay(0), gateRates, new boolean[space.size()]);
  }

  /** Goes on from a checkpoint that was saved while searching. */
  void restore(SavedState state) {
    float[] saved = state.floats(VALUES);
    System.arraycopy(saved, 0, values, 0, values.length);
    AdamState.restore(state, ADAM, adam);
    double[] logAlphas = state.doubles(LOG_ALPHAS);
    System.arraycopy(logAlphas, 0, gates.logAlphas(), 0, logAlphas.length);
    AdamState.restore(state, GATE_ADAM, gateAdam);
    gates.close((int) state.number(CLOSED));
    quiet.restore(state.longs(QUIET));
    stepsDone = (int) state.number(STEPS_DONE);
  }

  private void save(SavedState.Builder state) {
    state
        .longs(STEPS_DONE, stepsDone)
        .floats(VALUES, values)
        .doubles(LOG_ALPHAS, gates.logAlphas())
        .longs(CLOSED, gates.closed())
        .longs(QUIET, quiet.counts());
    AdamState.save(state, ADAM, adam);
    AdamState.save(state, GATE_ADAM, gateAdam);
  }

  /**
   * Goes on under a tighter budget, with all candidates as they were before the last freeze.
   *
   * @param tightened the same run at its next stop
   */
  FrozenStructure search(RunContext tightened) {
    run = tightened;
    return search();
  }

  /** Saves the search as it stands, so that a sweep can go on from here. */
  void keep() {
    run.checkpoints().save(this::save);
  }

  /** Runs the steps up to the freeze; the candidates themselves stay as they are. */
  FrozenStructure search() {
    if (stepsDone > run.schedule().freezeStep()) {
      throw new SluiceException(
          ErrorCode.DATA_LOSS,
          "checkpoint: search: "
              + stepsDone
              + " steps done (expected: at most "
              + run.schedule().freezeStep()
              + ": what was kept of a stop before is lost)");
    }
    while (stepsDone < run.schedule().freezeStep()) {
      searchAbove(gates.closed());
    }
    return freeze();
  }

  /** Runs steps, with a graph of the candidates not closed for good, until more of them are. */
  private void searchAbove(int closed) {
    int end = run.schedule().freezeStep();
    LearningRate rate = run.learningRate();
    List<Candidate> open = space.candidates().subList(closed, space.size());
    OpenWeights weights = new OpenWeights(layout, closed, space.size());
    Trunk trunk = Trunk.below(open, run);
    try (trunk;
        TrainingSession session =
            TrainingSession.gated(
                run.runtime(),
                run.graphs(),
                open,
                trunk.boundary(),
                run.regularisation(),
                trunk.cache(),
                TrainingSession.settings())) {
      StepGradient gradient = new StepGradient(run, session, weights.size(), open.size());
      while (stepsDone < end && gates.closed() == closed) {
        int step = stepsDone;
        Phase phase = run.schedule().phase(step);
        double[] inForce = run.budgetInForce(step);
        gate(phase, step, inForce);
        trunk.prepare(step, end);
        double loss = gradient.compute(step, weights.of(values), weights.gatesOf(gateValues));
        double learningRate = run.settings().optimizer().learningRate() * rate.at(step);
        adam.update(
            values,
            weights.spread(gradient.gradients()),
            learningRate,
            rates.at(phase == Phase.OPEN ? gates.allOpen() : gates.openProbabilities()));
        if (phase != Phase.OPEN) {
          moveGates(weights.spreadGates(gradient.gateGradients()));
        }
        stepsDone++;
        report(phase, loss, learningRate, gradient.norm(), inForce[0]);
        if (phase == Phase.HOLD) {
          quiet.observe(gates);
          closeFromBelow();
        }
        run.checkpoints().stepEnded(this::save);
      }
    }
  }

  /** Closes what has gone quiet from below, if the shorter graph is worth being made. */
  private void closeFromBelow() {
    int closable = Math.min(quiet.closable(), space.size() - 1);
    int gained = pointsBelow(closable) - pointsBelow(gates.closed());
    int left = run.schedule().freezeStep() - stepsDone;
    if (gained >= Math.max(1, run.backbone().points() / Trunk.LEAST_SHARE) && left >= STEPS_WORTH) {
      gates.close(closable);
    }
  }

  /** The blocks that would lie below everything open if so many candidates were closed. */
  private int pointsBelow(int closed) {
    return space.candidates().get(closed).point();
  }

  private void gate(Phase phase, int step, double[] inForce) {
    gates.hold(inForce, sharpness(step));
    if (phase == Phase.OPEN) {
      Arrays.fill(gateValues, 1);
    } else {
      gates.sample(step, gateValues);
    }
  }

  private void moveGates(float[] gateGradients) {
    double[] gradient = gates.gradient(gateGradients);
    float[] logAlphas = new float[gradient.length];
    float[] slopes = new float[gradient.length];
    for (int i = 0; i < gradient.length; i++) {
      logAlphas[i] = (float) gates.logAlphas()[i];
      slopes[i] = (float) gradient[i];
    }
    gateAdam.update(logAlphas, slopes, run.settings().search().gateLearningRate());
    for (int i = 0; i < gradient.length; i++) {
      gates.logAlphas()[i] = logAlphas[i];
    }
    gates.clamp();
  }

  private void report(
      Phase phase, double loss, double learningRate, double gradientNorm, double inForce) {
    double[] open = gates.openProbabilities();
    double expected = gates.expectedCost(0);
    if (phase == Phase.OPEN) {
      Arrays.fill(open, 1);
      expected = (double) run.budget().full();
    }
    StepFigures figures =
        new StepFigures(phase, stepsDone, loss, learningRate, gradientNorm, expected, inForce);
    run.progress().stepped(figures, run.schedule().steps(), open);
  }

  /**
   * What log alphas are multiplied by: 1 until the budget is held, then more and more, so that
   * which gates are open is settled while there is time to train what they open.
   */
  private double sharpness(int step) {
    Schedule schedule = run.schedule();
    double held =
        (step - schedule.holdStep()) / Math.max(1.0, schedule.freezeStep() - schedule.holdStep());
    return Math.pow(run.settings().search().sharpness(), Math.max(0, held));
  }

  /**
   * The best within the limits. A gate that has shut of itself is chosen last and not never: the
   * budget is there to be used, and a short search shuts gates by chance as well.
   */
  private BitSet choose() {
    return StructureChoice.choose(
        gates.openProbabilities(), run.budget().constraints(), preference);
  }

  /**
   * Chooses within the limits and carries the survivors' weights and moments over, gates folded.
   */
  private FrozenStructure freeze() {
    gates.hold(run.budget().inForce(0), sharpness(run.schedule().freezeStep()));
    BitSet chosen = choose();
    List<Integer> kept = chosen.stream().boxed().toList();
    long cost = run.budget().first().of(chosen);
    if (!run.budget().allows(chosen)) {
      throw new SluiceException(
          ErrorCode.INTERNAL,
          "structure: cost " + cost + " (expected: <= " + run.budget().limit() + ")");
    }
    double[] folded = new double[space.size()];
    kept.forEach(i -> folded[i] = gates.keptValue(i));
    float[] foldedValues = values.clone();
    layout.fold(foldedValues, folded);
    int[] indices = layout.indicesOf(kept);
    float[] survivors = new float[indices.length];
    for (int i = 0; i < indices.length; i++) {
      survivors[i] = foldedValues[indices[i]];
    }
    List<Candidate> candidates = kept.stream().map(space.candidates()::get).toList();
    return new FrozenStructure(candidates, chosen, cost, survivors, adam.select(indices));
  }
}
