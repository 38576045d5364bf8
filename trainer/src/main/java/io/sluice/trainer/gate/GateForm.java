package io.sluice.trainer.gate;

import java.util.Locale;

/**
 * What a gate is, as a function of its learned log alpha and the law of random gates. Stateless.
 */
public enum GateForm {
  /** A random gate that is exactly 0 or 1 most of the time, see {@link HardConcrete}. */
  HARD_CONCRETE {
    @Override
    double sample(HardConcrete law, double logAlpha, double u) {
      return law.sample(logAlpha, u);
    }

    @Override
    double sampleSlope(HardConcrete law, double logAlpha, double u) {
      return law.sampleSlope(logAlpha, u);
    }

    @Override
    double open(HardConcrete law, double logAlpha) {
      return law.openProbability(logAlpha);
    }

    @Override
    double kept(HardConcrete law, double logAlpha) {
      return law.openMedian(logAlpha);
    }

    @Override
    boolean shut(HardConcrete law, double logAlpha) {
      return HardConcrete.testGate(logAlpha) == 0;
    }

    @Override
    public boolean heldToBudget() {
      return true;
    }
  },

  /**
   * z = sigmoid(log alpha), without noise and never 0 (Gong et al. 2025, arXiv 2509.03057): a
   * penalty pulls it down, and nothing but the final choice keeps a budget.
   */
  SIGMOID {
    @Override
    double sample(HardConcrete law, double logAlpha, double u) {
      return HardConcrete.sigmoid(logAlpha);
    }

    @Override
    double sampleSlope(HardConcrete law, double logAlpha, double u) {
      return openSlope(law, logAlpha);
    }

    @Override
    double open(HardConcrete law, double logAlpha) {
      return HardConcrete.sigmoid(logAlpha);
    }

    @Override
    double kept(HardConcrete law, double logAlpha) {
      return HardConcrete.sigmoid(logAlpha);
    }

    @Override
    boolean shut(HardConcrete law, double logAlpha) {
      return false;
    }

    @Override
    public boolean heldToBudget() {
      return false;
    }
  };

  /** A sample of the gate by uniform noise u, between 0 and 1, both excluded. */
  abstract double sample(HardConcrete law, double logAlpha, double u);

  /** d sample / d logAlpha. */
  abstract double sampleSlope(HardConcrete law, double logAlpha, double u);

  /** How open the gate is: P(z != 0) where it is random, z where it is not. */
  abstract double open(HardConcrete law, double logAlpha);

  /** The value a survivor keeps, above 0. */
  abstract double kept(HardConcrete law, double logAlpha);

  /** Whether the gate has shut of itself. */
  abstract boolean shut(HardConcrete law, double logAlpha);

  /** Whether its expected cost is held to the budget at every step. */
  public abstract boolean heldToBudget();

  /** d open / d logAlpha. */
  double openSlope(HardConcrete law, double logAlpha) {
    double open = open(law, logAlpha);
    return open * (1 - open);
  }

  /** Its name, {@code hard-concrete}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
