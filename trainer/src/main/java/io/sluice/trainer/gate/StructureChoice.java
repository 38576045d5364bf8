package io.sluice.trainer.gate;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The final choice of candidates: the subset of greatest total P(open), less the price of a short
 * trunk, whose costs are within every limit. Found by the list of undominated partial choices
 * (Nemhauser and Ullmann 1969), from the highest point down, so a cheap undecided candidate never
 * pushes out a better one as a greedy rule can. Costs are whole numbers and are never rounded: what
 * is chosen is within the limits, always. It is the best there is as long as no more than {@link
 * #MOST} partial choices are undominated; beyond that, the best of those alike in cost are kept.
 */
public final class StructureChoice {
  static final int MOST = 1 << 15;

  private final double[] values;
  private final List<Constraint> constraints;
  private final TrunkPreference trunk;
  private final Undominated undominated;

  private StructureChoice(double[] values, List<Constraint> constraints, TrunkPreference trunk) {
    this.values = values;
    this.constraints = constraints;
    this.trunk = trunk;
    this.undominated = new Undominated(constraints.stream().mapToLong(Constraint::limit).toArray());
  }

  /**
   * Chooses.
   *
   * @param openProbabilities P(open) of each candidate
   * @param constraints at least one, all of the same candidates
   * @return the chosen candidates' numbers; their costs never exceed the limits. Empty only if no
   *     candidate fits
   */
  public static BitSet choose(
      double[] openProbabilities, List<Constraint> constraints, TrunkPreference trunk) {
    return new StructureChoice(openProbabilities, List.copyOf(constraints), trunk).choose();
  }

  private BitSet choose() {
    List<PartialChoice> all = List.of(new PartialChoice(new long[constraints.size()], 0, -1, null));
    PartialChoice best = null;
    double bestValue = Double.NEGATIVE_INFINITY;
    int candidate = values.length - 1;
    while (candidate >= 0) {
      int point = constraints.get(0).point(candidate);
      List<PartialChoice> here = opened(all);
      while (candidate >= 0 && constraints.get(0).point(candidate) == point) {
        here = undominated.of(here, extended(here, candidate));
        candidate--;
      }
      all = undominated.of(all, here);
      for (PartialChoice partial : all) {
        double value = partial.value() - trunk.price(point);
        if (partial.last() >= 0 && value > bestValue) {
          best = partial;
          bestValue = value;
        }
      }
    }
    BitSet chosen = new BitSet(values.length);
    for (PartialChoice p = best; p != null && p.last() >= 0; p = p.before()) {
      chosen.set(p.last());
    }
    return chosen;
  }

  /** Each choice with one more candidate where it fits. */
  private List<PartialChoice> extended(List<PartialChoice> choices, int candidate) {
    long[] added = constraints.stream().mapToLong(c -> c.each(candidate)).toArray();
    List<PartialChoice> extended = new ArrayList<>();
    for (PartialChoice choice : choices) {
      long[] costs = sum(choice.costs(), added);
      if (fits(costs)) {
        extended.add(
            new PartialChoice(costs, choice.value() + values[candidate], candidate, choice));
      }
    }
    return extended;
  }

  /** Each choice with one more point open where that fits. */
  private List<PartialChoice> opened(List<PartialChoice> choices) {
    long[] added = constraints.stream().mapToLong(Constraint::perPoint).toArray();
    List<PartialChoice> opened = new ArrayList<>();
    for (PartialChoice choice : choices) {
      long[] costs = sum(choice.costs(), added);
      if (fits(costs)) {
        opened.add(new PartialChoice(costs, choice.value(), choice.last(), choice.before()));
      }
    }
    return opened;
  }

  private boolean fits(long[] costs) {
    for (int c = 0; c < costs.length; c++) {
      if (costs[c] > constraints.get(c).limit()) {
        return false;
      }
    }
    return true;
  }

  private static long[] sum(long[] costs, long[] added) {
    long[] sum = new long[costs.length];
    for (int c = 0; c < sum.length; c++) {
      sum[c] = Math.addExact(costs[c], added[c]);
    }
    return sum;
  }
}
