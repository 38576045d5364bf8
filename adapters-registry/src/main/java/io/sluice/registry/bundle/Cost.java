package io.sluice.registry.bundle;

import java.util.List;

/**
 * What a task adds to its backbone, in total.
 *
 * @param parameters learned numbers of the adapters and the head
 * @param flopsPerToken floating point operations per token of the adapters and the head
 * @param trunkBlocks length of the trunk: blocks whose output no adapter of this task has touched
 *     yet. The lowest insertion point used, or all points when there is no adapter; the higher, the
 *     more of the work is shared with other tasks
 */
public record Cost(long parameters, long flopsPerToken, int trunkBlocks) {
  /** Checks the ranges. */
  public Cost {
    Checks.notNegative("parameters", parameters);
    Checks.notNegative("flops_per_token", flopsPerToken);
    Checks.range("trunk_blocks", trunkBlocks, 1, BundleFormat.MAX_POINT);
  }

  /** The cost of {@code structure} and {@code head} on a backbone of {@code backbonePoints}. */
  public static Cost of(List<PointEntry> structure, HeadEntry head, int backbonePoints) {
    return new Cost(
        structure.stream().mapToLong(PointEntry::parameters).sum() + head.parameters(),
        structure.stream().mapToLong(PointEntry::flopsPerToken).sum() + head.flopsPerToken(),
        structure.stream().mapToInt(PointEntry::point).min().orElse(backbonePoints));
  }
}
