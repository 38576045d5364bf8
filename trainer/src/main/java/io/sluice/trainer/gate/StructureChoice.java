package io.sluice.trainer.gate;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The final choice of candidates: the subset of greatest total P(open) whose cost is within the
 * budget. Exact (Nemhauser and Ullmann 1969: a knapsack by the list of undominated partial
 * choices), so a cheap undecided candidate never pushes out a better one as a greedy rule can.
 */
public final class StructureChoice {
  /** A partial choice; {@code before} leads to the rest of it. */
  private record Partial(long cost, double value, int last, @Nullable Partial before) {}

  private StructureChoice() {}

  /**
   * Chooses.
   *
   * @param openProbabilities P(open) of each candidate
   * @param costs cost of each, above 0
   * @param budget greatest total cost
   * @return the chosen candidates' numbers; their cost never exceeds the budget
   */
  public static BitSet choose(double[] openProbabilities, long[] costs, long budget) {
    List<Partial> undominated = List.of(new Partial(0, 0, -1, null));
    for (int i = 0; i < costs.length; i++) {
      undominated =
          merge(undominated, extended(undominated, i, openProbabilities[i], costs[i], budget));
    }
    BitSet chosen = new BitSet(costs.length);
    Partial best = undominated.get(undominated.size() - 1);
    for (Partial p = best; p != null && p.last >= 0; p = p.before) {
      chosen.set(p.last);
    }
    return chosen;
  }

  private static List<Partial> extended(
      List<Partial> partials, int candidate, double value, long cost, long budget) {
    List<Partial> extended = new ArrayList<>();
    for (Partial p : partials) {
      if (cost <= budget - p.cost) {
        extended.add(new Partial(p.cost + cost, p.value + value, candidate, p));
      }
    }
    return extended;
  }

  /** Joins two lists sorted by cost, keeping what has more value than all that is as cheap. */
  private static List<Partial> merge(List<Partial> without, List<Partial> with) {
    List<Partial> all = new ArrayList<>(without);
    all.addAll(with);
    all.sort(
        Comparator.comparingLong(Partial::cost)
            .thenComparing(Partial::value, Comparator.reverseOrder()));
    List<Partial> kept = new ArrayList<>();
    double best = -1;
    for (Partial p : all) {
      if (p.value > best) {
        kept.add(p);
        best = p.value;
      }
    }
    return kept;
  }
}
