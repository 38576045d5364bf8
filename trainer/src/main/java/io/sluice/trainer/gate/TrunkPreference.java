package io.sluice.trainer.gate;

/**
 * A wish for a long trunk: what the server computes once for all tasks ends at a task's lowest
 * adapter, so an adapter low down costs everything above it. Its price is {@code weight} times the
 * share of the blocks that no other task can share.
 *
 * @param weight 0 for no such wish; in units of the loss while gates learn, of P(open) when the
 *     structure is chosen
 * @param points number of insertion points of the backbone
 */
public record TrunkPreference(double weight, int points) {
  private static final double LEAST_SHUT = 1e-12;

  public TrunkPreference {
    if (!(weight >= 0)) {
      throw new IllegalArgumentException("weight: " + weight + " (expected: >= 0)");
    }
  }

  /** No wish. */
  public static TrunkPreference none() {
    return new TrunkPreference(0, 1);
  }

  /** The price of a structure whose lowest adapter is at that point, from 1. */
  double price(int lowest) {
    return weight * (points - lowest + 1) / points;
  }

  /**
   * The expected price with gates that open independently: weight / points * sum_k (1 - prod_(i at
   * or below k) (1 - P_i)).
   *
   * @param at insertion point of each gate, ascending
   */
  double expected(double[] open, int[] at) {
    double cut = 0;
    double shut = 1;
    int gate = 0;
    for (int point = 1; point <= points; point++) {
      while (gate < at.length && at[gate] == point) {
        shut *= 1 - open[gate++];
      }
      cut += 1 - shut;
    }
    return weight * cut / points;
  }

  /** Adds d expected / d open of each gate to {@code into}, times a factor of each. */
  void addSlopes(double[] open, int[] at, double[] factors, double[] into) {
    if (weight == 0) {
      return;
    }
    double[] shutUpTo = new double[points + 1];
    shutUpTo[0] = 1;
    int gate = 0;
    for (int point = 1; point <= points; point++) {
      shutUpTo[point] = shutUpTo[point - 1];
      while (gate < at.length && at[gate] == point) {
        shutUpTo[point] *= Math.max(LEAST_SHUT, 1 - open[gate++]);
      }
    }
    double sum = 0;
    int from = points + 1;
    for (int i = at.length - 1; i >= 0; i--) {
      while (from > at[i]) {
        sum += shutUpTo[--from];
      }
      into[i] += weight / points * sum / Math.max(LEAST_SHUT, 1 - open[i]) * factors[i];
    }
  }
}
