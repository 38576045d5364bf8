package io.sluice.registry.bundle;

import io.sluice.backbone.graph.Graph;

/**
 * What the head is and what it costs.
 *
 * @param kind e.g. {@code linear} or {@code mlp}; {@code [a-z0-9_]}
 * @param parameters learned numbers
 * @param flopsPerToken floating point operations per token
 * @param flopsPerRow floating point operations per row, whatever its length
 */
public record HeadEntry(String kind, long parameters, long flopsPerToken, long flopsPerRow) {
  /** Checks the ranges. */
  public HeadEntry {
    Checks.identifier("kind", kind);
    Checks.notNegative("parameters", parameters);
    Checks.notNegative("flops_per_token", flopsPerToken);
    Checks.notNegative("flops_per_row", flopsPerRow);
  }

  /** The entry of {@code head}, with its costs counted. */
  public static HeadEntry of(String kind, Graph head) {
    GraphCost cost = GraphCost.of(head);
    return new HeadEntry(kind, cost.parameters(), cost.flopsPerToken(), cost.flopsPerRow());
  }
}
