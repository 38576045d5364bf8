package io.sluice.trainer.gate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Keeps of partial choices those to which no other is at least equal in value and in every cost.
 * Exact for one and two costs; with more, only choices alike in the others are compared.
 */
final class Undominated {
  private static final Comparator<PartialChoice> CHEAPEST_FIRST =
      Comparator.comparing(PartialChoice::costs, Arrays::compare)
          .thenComparing(PartialChoice::value, Comparator.reverseOrder());

  private final long[] limits;

  Undominated(long[] limits) {
    this.limits = limits;
  }

  /** What is left of two lists together; of choices equal in all, those of the first. */
  List<PartialChoice> of(List<PartialChoice> one, List<PartialChoice> other) {
    List<PartialChoice> all = new ArrayList<>(one);
    all.addAll(other);
    all.sort(CHEAPEST_FIRST);
    List<PartialChoice> kept = new ArrayList<>();
    // For choices alike in all costs beyond the second: the best value by second cost. It rises.
    Map<List<Long>, NavigableMap<Long, Double>> stairs = new HashMap<>();
    for (PartialChoice choice : all) {
      long[] costs = choice.costs();
      List<Long> beyond = Arrays.stream(costs).skip(2).boxed().toList();
      long second = costs.length > 1 ? costs[1] : 0;
      if (rises(
          stairs.computeIfAbsent(beyond, absent -> new TreeMap<>()), second, choice.value())) {
        kept.add(choice);
      }
    }
    return kept.size() > StructureChoice.MOST ? thinned(kept) : kept;
  }

  private static boolean rises(NavigableMap<Long, Double> stairs, long cost, double value) {
    Map.Entry<Long, Double> below = stairs.floorEntry(cost);
    if (below != null && below.getValue() >= value) {
      return false;
    }
    stairs.put(cost, value);
    for (var next = stairs.higherEntry(cost);
        next != null && next.getValue() <= value;
        next = stairs.higherEntry(cost)) {
      stairs.remove(next.getKey());
    }
    return true;
  }

  /** The best of each cell of a grid over the costs. */
  private List<PartialChoice> thinned(List<PartialChoice> choices) {
    long cells = (long) Math.floor(Math.pow(StructureChoice.MOST, 1.0 / limits.length));
    Map<List<Long>, PartialChoice> best = new HashMap<>();
    for (PartialChoice choice : choices) {
      List<Long> cell = new ArrayList<>();
      for (int c = 0; c < limits.length; c++) {
        cell.add((long) ((double) choice.costs()[c] * cells / ((double) limits[c] + 1)));
      }
      best.merge(cell, choice, (old, now) -> now.value() > old.value() ? now : old);
    }
    return best.values().stream().sorted(CHEAPEST_FIRST).toList();
  }
}
