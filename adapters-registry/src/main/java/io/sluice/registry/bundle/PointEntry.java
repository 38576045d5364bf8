package io.sluice.registry.bundle;

import io.sluice.backbone.graph.Graph;

/**
 * One surviving candidate of a structure: where it sits, what it is and what it costs.
 *
 * <p>Several entries may share a point; they are then one subgraph, and their parameters add up to
 * those of that file.
 *
 * @param point the insertion point, 1..points of the backbone
 * @param kind what the candidate is, e.g. {@code bottleneck_sequential}; {@code [a-z0-9_]}
 * @param rank the inner width, 0 for kinds that have none
 * @param parameters learned numbers
 * @param flopsPerToken floating point operations per token, counted as {@link GraphCost} does
 */
public record PointEntry(int point, String kind, int rank, long parameters, long flopsPerToken) {
  /** Checks the ranges. */
  public PointEntry {
    Checks.range("point", point, 1, BundleFormat.MAX_POINT);
    Checks.identifier("kind", kind);
    Checks.range("rank", rank, 0, 1 << 20);
    Checks.notNegative("parameters", parameters);
    Checks.notNegative("flops_per_token", flopsPerToken);
  }

  /** The entry of a point whose whole subgraph is one candidate, with its costs counted. */
  public static PointEntry of(int point, String kind, int rank, Graph graph) {
    GraphCost cost = GraphCost.of(graph);
    return new PointEntry(point, kind, rank, cost.parameters(), cost.flopsPerToken());
  }
}
