package io.sluice.trainer.gate;

import io.sluice.trainer.random.CounterRandom;
import java.util.Arrays;

/**
 * The gates of all candidates, held to a budget at every step. Learned log alphas move freely
 * within {@link HardConcrete#LOG_ALPHA_LIMIT}; what is sampled is shifted so that the expected cost
 * never exceeds the budget in force. Confined to the training thread.
 *
 * <p>Order of calls in a step: {@link #hold}, {@link #sample}, then {@link #gradient} with what the
 * graph gave, an optimiser's update of {@link #logAlphas}, {@link #clamp}.
 */
public final class GateControl {
  private final double[] logAlphas;
  private final double[] costs;
  private final CounterRandom noise;
  private final double[] shifted;
  private final double[] uniforms;
  private double shift;
  private int closed;

  /**
   * Gates at their start.
   *
   * @param logAlphas start of each; the array becomes this object's own
   * @param costs cost of each gate's candidate, above 0, in the budget's unit
   */
  public GateControl(double[] logAlphas, double[] costs, CounterRandom noise) {
    if (logAlphas.length != costs.length) {
      throw new IllegalArgumentException(
          "costs: " + costs.length + " values (expected: " + logAlphas.length + ", one a gate)");
    }
    this.logAlphas = logAlphas;
    this.costs = costs.clone();
    this.noise = noise;
    this.shifted = logAlphas.clone();
    this.uniforms = new double[logAlphas.length];
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
    Arrays.fill(costs, 0, count, 0);
  }

  /** How many of the lowest gates are closed for good. */
  public int closed() {
    return closed;
  }

  /** Puts a budget in force: finds the shift that meets it. */
  public void hold(double budget) {
    shift = BudgetShift.solve(logAlphas, costs, budget);
    for (int i = 0; i < logAlphas.length; i++) {
      shifted[i] = logAlphas[i] - shift;
    }
  }

  /** Samples every gate into {@code z}; the noise depends on seed, step and gate only. */
  public void sample(long step, float[] z) {
    for (int i = 0; i < shifted.length; i++) {
      uniforms[i] = noise.uniform(step, i);
      z[i] = i < closed ? 0 : (float) HardConcrete.sample(shifted[i], uniforms[i]);
    }
  }

  /**
   * Gradient with respect to the learned log alphas, from that with respect to the last sample.
   *
   * @param gateGradients dL/dz of each gate
   */
  public double[] gradient(float[] gateGradients) {
    double[] gradient = new double[shifted.length];
    for (int i = closed; i < gradient.length; i++) {
      gradient[i] = gateGradients[i] * HardConcrete.sampleSlope(shifted[i], uniforms[i]);
    }
    if (shift > 0) {
      BudgetShift.pullBack(gradient, shifted, costs);
    }
    return gradient;
  }

  /** Brings the learned values back within their limits. */
  public void clamp() {
    for (int i = 0; i < logAlphas.length; i++) {
      logAlphas[i] =
          Math.min(
              HardConcrete.LOG_ALPHA_LIMIT, Math.max(-HardConcrete.LOG_ALPHA_LIMIT, logAlphas[i]));
    }
  }

  /** P(open) of each gate under the budget in force. */
  public double[] openProbabilities() {
    double[] open = new double[shifted.length];
    for (int i = 0; i < open.length; i++) {
      open[i] = i < closed ? 0 : HardConcrete.openProbability(shifted[i]);
    }
    return open;
  }

  /**
   * Whether a gate is closed for good or has shut of itself: its learned value, without the shift
   * that the budget asks for, gives a test gate of exactly 0.
   */
  public boolean shut(int gate) {
    return gate < closed || HardConcrete.testGate(logAlphas[gate]) == 0;
  }

  /** Expected cost under the budget in force. */
  public double expectedCost() {
    return BudgetShift.expectedCost(shifted, costs, 0);
  }

  /** The value a gate keeps if its candidate survives, in (0, 1]. */
  public double keptValue(int gate) {
    return HardConcrete.openMedian(shifted[gate]);
  }
}
