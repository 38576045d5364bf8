package io.sluice.trainer.gate;

import static java.util.Objects.requireNonNull;

import io.sluice.trainer.random.CounterRandom;
import java.util.Arrays;
import java.util.List;

/**
 * The gates of all candidates, held to budgets at every step where their form allows it. Learned
 * log alphas move freely within {@link HardConcrete#LOG_ALPHA_LIMIT}; what is sampled is shifted so
 * that no expected cost exceeds its budget in force, and sharpened, so that gates can be told to
 * make up their minds at the same expected cost. Confined to the training thread.
 *
 * <p>Order of calls in a step: {@link #hold}, {@link #sample}, then {@link #gradient} with what the
 * graph gave, an optimiser's update of {@link #logAlphas}, {@link #clamp}.
 */
public final class GateControl {
  /**
   * What is held against open gates besides the budgets.
   *
   * @param sparsityWeight weight of the share of the first constraint's full cost that is open; for
   *     gates that no budget holds
   */
  public record Penalties(TrunkPreference trunk, double sparsityWeight) {
    public Penalties {
      requireNonNull(trunk, "trunk");
    }

    /** Nothing. */
    public static Penalties none() {
      return new Penalties(TrunkPreference.none(), 0);
    }
  }

  private final GateForm form;
  private final HardConcrete law;
  private final double[] logAlphas;
  private final List<Constraint> constraints;
  private final Penalties penalties;
  private final CounterRandom noise;
  private final int[] points;
  private final double[] shifted;
  private final double[] uniforms;

  /** How open each gate is, 0 for those closed for good. */
  private final double[] open;

  private BudgetShift shift = BudgetShift.none();
  private double sharpness = 1;
  private int closed;

  /**
   * Gates at their start.
   *
   * @param law of gates that are random
   * @param logAlphas start of each; the array becomes this object's own
   * @param constraints what is limited, at least one
   */
  public GateControl(
      GateForm form,
      HardConcrete law,
      double[] logAlphas,
      List<Constraint> constraints,
      Penalties penalties,
      CounterRandom noise) {
    this.form = requireNonNull(form, "form");
    this.law = requireNonNull(law, "law");
    this.constraints = List.copyOf(constraints);
    for (Constraint constraint : constraints) {
      if (logAlphas.length != constraint.size()) {
        throw new IllegalArgumentException(
            "costs: "
                + constraint.size()
                + " values (expected: "
                + logAlphas.length
                + ", one a gate)");
      }
    }
    this.logAlphas = logAlphas;
    this.penalties = requireNonNull(penalties, "penalties");
    this.noise = requireNonNull(noise, "noise");
    this.points = new int[logAlphas.length];
    for (int i = 0; i < points.length; i++) {
      points[i] = this.constraints.get(0).point(i);
    }
    this.shifted = logAlphas.clone();
    this.uniforms = new double[logAlphas.length];
    this.open = new double[logAlphas.length];
    settle();
  }

  /** The learned values themselves, for an optimiser to update in place. */
  public double[] logAlphas() {
    return logAlphas;
  }

  /**
   * Closes the lowest gates for good: they are 0 at every step, cost nothing and learn nothing, and
   * the budget is shared by the others.
   *
   * @param count how many; no fewer than before
   */
  public void close(int count) {
    if (count < closed || count >= logAlphas.length) {
      throw new IllegalArgumentException(
          "count: " + count + " (expected: " + closed + ".." + (logAlphas.length - 1) + ")");
    }
    closed = count;
    settle();
  }

  /** How many of the lowest gates are closed for good. */
  public int closed() {
    return closed;
  }

  /**
   * Puts budgets in force: finds the shift that meets them all. Gates of a form that no budget
   * holds are left as they are.
   *
   * @param budgets budget of each constraint, above 0
   * @param sharpness what log alphas are multiplied by, 1 or more: the higher, the surer every gate
   */
  public void hold(double[] budgets, double sharpness) {
    if (form.heldToBudget()) {
      this.sharpness = sharpness;
      shift = BudgetShift.solve(law, logAlphas, closed, constraints, budgets, sharpness);
    }
    for (int i = 0; i < logAlphas.length; i++) {
      shifted[i] = this.sharpness * (logAlphas[i] - shift.amount());
    }
    settle();
  }

  /** Works out how open each gate is, which stays so until budgets are put in force again. */
  private void settle() {
    for (int i = 0; i < open.length; i++) {
      open[i] = i < closed ? 0 : form.open(law, shifted[i]);
    }
  }

  /** Samples every gate into {@code z}; the noise depends on seed, step and gate only. */
  public void sample(long step, float[] z) {
    for (int i = 0; i < shifted.length; i++) {
      uniforms[i] = noise.uniform(step, i);
      z[i] = i < closed ? 0 : (float) form.sample(law, shifted[i], uniforms[i]);
    }
  }

  /**
   * Gradient with respect to the learned log alphas, from that with respect to the last sample; the
   * penalties' included.
   *
   * @param gateGradients dL/dz of each gate
   */
  public double[] gradient(float[] gateGradients) {
    double[] gradient = new double[shifted.length];
    for (int i = closed; i < gradient.length; i++) {
      gradient[i] = sharpness * gateGradients[i] * form.sampleSlope(law, shifted[i], uniforms[i]);
    }
    addPenalties(gradient);
    shift.pullBack(gradient, open, constraints);
    return gradient;
  }

  private void addPenalties(double[] gradient) {
    double[] openSlopes = new double[shifted.length];
    for (int i = closed; i < openSlopes.length; i++) {
      openSlopes[i] = sharpness * form.openSlope(law, shifted[i]);
    }
    penalties.trunk().addSlopes(open, points, openSlopes, gradient);
    if (penalties.sparsityWeight() > 0 && !form.heldToBudget()) {
      Constraint first = constraints.get(0);
      double factor = penalties.sparsityWeight() / first.full();
      double[] costs = first.slopes(open);
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] += factor * costs[i] * openSlopes[i];
      }
    }
  }

  /** Brings the learned values back within their limits. */
  public void clamp() {
    for (int i = 0; i < logAlphas.length; i++) {
      logAlphas[i] =
          Math.min(
              HardConcrete.LOG_ALPHA_LIMIT, Math.max(-HardConcrete.LOG_ALPHA_LIMIT, logAlphas[i]));
    }
  }

  /** How open each gate is while all are held open: 1, and 0 for those closed for good. */
  public double[] allOpen() {
    double[] all = new double[shifted.length];
    Arrays.fill(all, closed, all.length, 1);
    return all;
  }

  /** How open each gate is under the budgets in force. */
  public double[] openProbabilities() {
    return open.clone();
  }

  /**
   * Whether a gate is closed for good or has shut of itself: its learned value, without the shift
   * that the budget asks for, gives a test gate of exactly 0.
   */
  public boolean shut(int gate) {
    return gate < closed || form.shut(law, logAlphas[gate]);
  }

  /** Expected cost by a constraint, under the budgets in force. */
  public double expectedCost(int constraint) {
    return constraints.get(constraint).expected(open);
  }

  /** The value a gate keeps if its candidate survives, in (0, 1]. */
  public double keptValue(int gate) {
    return form.kept(law, shifted[gate]);
  }
}
