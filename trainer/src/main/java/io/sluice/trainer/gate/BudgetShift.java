package io.sluice.trainer.gate;

import java.util.List;

/**
 * The one number taken from every gate's log alpha so that no expected cost exceeds its budget (the
 * "shifted global sigmoid" of Hu et al. 2022, S3PET): max over the constraints of the shift with
 * E[cost | sharpness (logAlpha_i - shift)] = budget. No multiplier, nothing to tune. 0 where the
 * gates are within all budgets by themselves. Immutable.
 */
final class BudgetShift {
  private static final int BISECTIONS = 100;
  private static final double WIDEST = 60;

  private final double amount;
  private final int binding;

  private BudgetShift(double amount, int binding) {
    this.amount = amount;
    this.binding = binding;
  }

  static BudgetShift none() {
    return new BudgetShift(0, -1);
  }

  /**
   * Finds the shift by bisection; every expected cost at the result is at most its budget.
   *
   * @param law of the gates
   * @param closed how many of the lowest gates are closed for good
   * @param budgets budget of each constraint, above 0
   * @param sharpness factor of the log alphas, 1 or more
   */
  static BudgetShift solve(
      HardConcrete law,
      double[] logAlphas,
      int closed,
      List<Constraint> constraints,
      double[] budgets,
      double sharpness) {
    BudgetShift found = none();
    for (int c = 0; c < budgets.length; c++) {
      Constraint constraint = constraints.get(c);
      if (expected(law, logAlphas, closed, constraint, found.amount, sharpness) > budgets[c]) {
        double low = found.amount;
        double high = WIDEST;
        for (int i = 0; i < BISECTIONS; i++) {
          double middle = (low + high) / 2;
          if (expected(law, logAlphas, closed, constraint, middle, sharpness) > budgets[c]) {
            low = middle;
          } else {
            high = middle;
          }
        }
        found = new BudgetShift(high, c);
      }
    }
    return found;
  }

  /** What is taken from every log alpha, 0 or more. */
  double amount() {
    return amount;
  }

  private static double expected(
      HardConcrete law,
      double[] logAlphas,
      int closed,
      Constraint constraint,
      double shift,
      double sharpness) {
    double[] open = new double[logAlphas.length];
    for (int i = closed; i < open.length; i++) {
      open[i] = law.openProbability(sharpness * (logAlphas[i] - shift));
    }
    return constraint.expected(open);
  }

  /**
   * Carries a gradient with respect to the shifted log alphas back to the learned ones, in place.
   * The shift is an implicit function of all of them, d shift / d logAlpha_j = w_j / sum w with w_j
   * = dE/dP_j dP_j, so what comes back is tangent to the surface of constant expected cost: gates
   * compete, and none can gain but at the others' expense.
   *
   * @param open P(open) of each gate under this shift
   */
  void pullBack(double[] gradient, double[] open, List<Constraint> constraints) {
    if (binding < 0) {
      return;
    }
    double[] weights = constraints.get(binding).slopes(open);
    double sum = 0;
    double total = 0;
    for (int i = 0; i < gradient.length; i++) {
      weights[i] *= open[i] * (1 - open[i]);
      sum += weights[i];
      total += gradient[i];
    }
    if (sum <= 0) {
      return;
    }
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] -= total * weights[i] / sum;
    }
  }
}
