package io.sluice.registry.cost;

import static java.util.Objects.requireNonNull;

import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.PointEntry;
import io.sluice.registry.bundle.Pooling;
import org.jspecify.annotations.Nullable;

/**
 * What a bundle costs a server, known before it runs. Counted from its manifest, which agrees with
 * its graphs wherever an {@link io.sluice.registry.bundle.AdapterBundle} is at hand.
 *
 * @param tokens length of the row that is priced
 * @param flops floating point operations of adapters and head for that row; the encoder's not
 *     counted
 * @param weightBytes memory its weights take while it is live
 * @param trunkBlocks blocks that are computed once for all tasks asked about one text
 * @param time what that row takes by itself; null without a cost table that knows all its adapters
 */
public record BundleCost(
    int tokens, long flops, long weightBytes, int trunkBlocks, @Nullable Time time) {
  /**
   * Predicted times of one row by itself, in microseconds.
   *
   * @param encoderMicros blocks of the encoder, which every task needs
   * @param adapterMicros what the adapters add
   */
  public record Time(double encoderMicros, double adapterMicros) {
    public double totalMicros() {
      return encoderMicros + adapterMicros;
    }
  }

  /** The cost of a row of {@code tokens}, with times if there are prices for this machine. */
  public static BundleCost of(Manifest manifest, int tokens, @Nullable CostTable prices) {
    requireNonNull(manifest, "manifest");
    if (tokens < 1) {
      throw new IllegalArgumentException("tokens: " + tokens + " (expected: >= 1)");
    }
    return new BundleCost(
        tokens,
        manifest.cost().flopsPerToken() * tokens + manifest.head().flopsPerRow(),
        manifest.cost().parameters() * Float.BYTES,
        manifest.cost().trunkBlocks(),
        prices == null || !prices.knows(manifest) ? null : time(manifest, tokens, prices));
  }

  /** The survivors of a point are one subgraph: one call, and what each takes above it. */
  private static Time time(Manifest manifest, int tokens, CostTable prices) {
    boolean firstToken = manifest.pooling() == Pooling.FIRST;
    double adapters =
        manifest.structure().stream()
            .mapToInt(PointEntry::point)
            .distinct()
            .mapToDouble(point -> prices.callMicros(prices.tokensAt(point, tokens, firstToken)))
            .sum();
    for (PointEntry entry : manifest.structure()) {
      int computed = prices.tokensAt(entry.point(), tokens, firstToken);
      double alone = prices.adapterMicros(entry.kind(), entry.rank(), computed);
      adapters += Math.max(0, alone - prices.callMicros(computed));
    }
    return new Time(prices.encoderMicros(tokens, firstToken), adapters);
  }
}
