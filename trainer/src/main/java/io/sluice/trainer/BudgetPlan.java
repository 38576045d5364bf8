package io.sluice.trainer;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.model.SearchSpace;
import java.util.Arrays;
import java.util.Locale;

/**
 * What each candidate costs and what all may cost together, in the budget's unit.
 *
 * @param costs cost of each candidate
 * @param limit greatest total
 * @param unit what is counted
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
record BudgetPlan(long[] costs, long limit, String unit) {

  /**
   * Sets a budget against a search space.
   *
   * @throws SluiceException {@code INVALID_ARGUMENT} if not even the cheapest candidate fits
   */
  static BudgetPlan of(Budget budget, SearchSpace space, Backbone backbone) {
    long[] costs =
        space.candidates().stream()
            .mapToLong(
                candidate -> budget.cost(candidate.kind().parameterCount(backbone.hiddenSize())))
            .toArray();
    long limit = budget.limit(backbone.parameters());
    long least = Arrays.stream(costs).min().orElseThrow();
    if (limit < least) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          String.format(
              Locale.ROOT,
              "budget: %s = %,d %s (expected: >= %,d, the cheapest candidate, which is %.4f%% of the backbone's %,d parameters)",
              budget,
              limit,
              budget.unit(),
              least,
              100.0 * least / backbone.parameters(),
              backbone.parameters()));
    }
    return new BudgetPlan(costs, limit, budget.unit());
  }

  /** Cost of all candidates. */
  long full() {
    return Arrays.stream(costs).sum();
  }

  double[] costsAsDoubles() {
    return Arrays.stream(costs).asDoubleStream().toArray();
  }
}
