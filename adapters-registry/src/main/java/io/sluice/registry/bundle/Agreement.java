package io.sluice.registry.bundle;

import io.sluice.backbone.graph.Graph;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Checks that a manifest tells the truth about the graphs beside it. */
final class Agreement {
  private Agreement() {}

  static void require(Manifest manifest, SortedMap<Integer, Graph> points, Graph head, Place at) {
    SortedMap<Integer, Long> told =
        manifest.structure().stream()
            .collect(
                Collectors.toMap(
                    PointEntry::point, PointEntry::parameters, Long::sum, TreeMap::new));
    Set<Integer> files = points.keySet();
    if (!told.keySet().equals(files)) {
      throw at.corrupt("structure: points " + told.keySet(), "those with a file, " + files);
    }
    long flopsPerToken = 0;
    boolean exact = true;
    for (var point : points.entrySet()) {
      GraphCost counted = GraphCost.of(point.getValue());
      requireEqual(
          "structure: point " + point.getKey() + ": parameters",
          told.getOrDefault(point.getKey(), 0L),
          counted.parameters(),
          at);
      flopsPerToken += counted.flopsPerToken();
      exact &= counted.exact();
    }
    GraphCost counted = GraphCost.of(head);
    requireEqual("head: parameters", manifest.head().parameters(), counted.parameters(), at);
    if (counted.exact()) {
      requireEqual("head: flops_per_row", manifest.head().flopsPerRow(), counted.flopsPerRow(), at);
    }
    if (exact && counted.exact()) {
      requireEqual(
          "cost: flops_per_token",
          manifest.cost().flopsPerToken(),
          flopsPerToken + counted.flopsPerToken(),
          at);
    }
  }

  private static void requireEqual(String what, long found, long counted, Place at) {
    if (found != counted) {
      throw at.corrupt(what + ": " + found, counted + ", as counted in the graphs");
    }
  }
}
