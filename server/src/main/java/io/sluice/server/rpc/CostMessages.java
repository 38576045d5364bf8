package io.sluice.server.rpc;

import io.sluice.proto.v1.BundleCost;
import io.sluice.proto.v1.PredictedTime;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.cost.CostTable;
import io.sluice.server.activation.CostSettings;
import java.util.SortedSet;
import java.util.TreeSet;

/** What bundles cost, told in wire messages. */
final class CostMessages {
  private CostMessages() {}

  /** Its times are for the lengths that were measured, as far as it takes them, and its longest. */
  static BundleCost of(Manifest manifest, CostSettings costs) {
    BundleCost.Builder message =
        BundleCost.newBuilder()
            .setFlopsPerToken(manifest.cost().flopsPerToken())
            .setFlopsPerRow(manifest.head().flopsPerRow());
    int longest = manifest.maxTokens();
    SortedSet<Integer> lengths = new TreeSet<>();
    CostTable prices = costs.prices();
    if (prices != null) {
      lengths.addAll(prices.tokens());
    }
    lengths.removeIf(length -> length > longest);
    lengths.add(longest);
    for (int length : lengths) {
      var cost = costs.of(manifest, length);
      message.setWeightBytes(cost.weightBytes());
      var time = cost.time();
      if (time != null) {
        message.addTimes(
            PredictedTime.newBuilder()
                .setTokens(length)
                .setEncoderMicros(time.encoderMicros())
                .setAdapterMicros(time.adapterMicros()));
      }
    }
    return message.build();
  }
}
