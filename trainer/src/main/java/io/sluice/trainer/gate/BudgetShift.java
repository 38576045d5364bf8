package io.sluice.trainer.gate;

/**
 * The one number taken from every gate's log alpha so that the expected cost is the budget (the
 * "shifted global sigmoid" of Hu et al. 2022, S3PET): sum_i cost_i P(open | logAlpha_i - shift) =
 * budget. No multiplier, nothing to tune. 0 where the gates are within the budget by themselves.
 */
final class BudgetShift {
  private static final int BISECTIONS = 100;
  private static final double WIDEST = 60;

  private BudgetShift() {}

  /**
   * Finds the shift by bisection; the expected cost at the result is at most the budget.
   *
   * @param costs cost of each gate's candidate, above 0
   * @param budget above 0
   * @return the shift, 0 or more
   */
  static double solve(double[] logAlphas, double[] costs, double budget) {
    if (expectedCost(logAlphas, costs, 0) <= budget) {
      return 0;
    }
    double low = 0;
    double high = WIDEST;
    for (int i = 0; i < BISECTIONS; i++) {
      double middle = (low + high) / 2;
      if (expectedCost(logAlphas, costs, middle) > budget) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  static double expectedCost(double[] logAlphas, double[] costs, double shift) {
    double sum = 0;
    for (int i = 0; i < logAlphas.length; i++) {
      sum += costs[i] * HardConcrete.openProbability(logAlphas[i] - shift);
    }
    return sum;
  }

  /**
   * Carries a gradient with respect to the shifted log alphas back to the learned ones, in place.
   * The shift is an implicit function of all of them, d shift / d logAlpha_j = w_j / sum w with w_j
   * = cost_j dP_j, so what comes back is tangent to the surface of constant expected cost: gates
   * compete, and none can gain but at the others' expense.
   */
  static void pullBack(double[] gradient, double[] shifted, double[] costs) {
    double weights = 0;
    double total = 0;
    for (int i = 0; i < gradient.length; i++) {
      weights += costs[i] * HardConcrete.openProbabilitySlope(shifted[i]);
      total += gradient[i];
    }
    if (weights <= 0) {
      return;
    }
    for (int i = 0; i < gradient.length; i++) {
      double weight = costs[i] * HardConcrete.openProbabilitySlope(shifted[i]);
      gradient[i] -= total * weight / weights;
    }
  }
}
