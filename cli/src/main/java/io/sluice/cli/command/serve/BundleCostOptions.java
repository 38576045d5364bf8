package io.sluice.cli.command.serve;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.option.ByteSize;
import io.sluice.cli.command.option.CostFile;
import io.sluice.cli.command.option.Input;
import io.sluice.registry.cost.CostTable;
import io.sluice.server.activation.CostSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What bundles may cost that a server lets in, and by which prices. */
public final class BundleCostOptions {
  @Option(
      names = "--costs",
      paramLabel = "FILE",
      description =
          "Prices by which the time of bundles is predicted, of this backbone in the precision that"
              + " is served. Default: what sluice backbone profile has measured on this machine, if"
              + " it has.")
  private @Nullable Path costs;

  @Option(
      names = "--max-bundle-bytes",
      paramLabel = "SIZE",
      converter = ByteSize.Converter.class,
      description = "Refuse a bundle whose weights take more memory, as in 512KiB.")
  private @Nullable ByteSize maxBytes;

  @Option(
      names = "--max-bundle-latency-us",
      paramLabel = "MICROS",
      description =
          "Refuse a bundle whose longest row by itself would take longer, encoder included, by the"
              + " prices.")
  private @Nullable Double maxMicros;

  /** The settings for a server over {@code backbone}. */
  CostSettings settings(Backbone backbone, Precision precision, OnnxRuntime runtime) {
    CostTable prices = prices(backbone, precision, runtime);
    Long bytes = maxBytes == null ? null : maxBytes.bytes();
    return Input.checked(() -> new CostSettings(prices, bytes, maxMicros));
  }

  private @Nullable CostTable prices(Backbone backbone, Precision precision, OnnxRuntime runtime) {
    if (runtime.settings().device().isCuda()) {
      if (costs != null) {
        throw new SluiceException(
            ErrorCode.INVALID_ARGUMENT,
            "costs: "
                + costs
                + " on "
                + runtime.settings().device()
                + " (expected: on cpu; a GPU computes rows of many requests at once, and no price"
                + " tells how long one takes)");
      }
      return null;
    }
    if (costs != null) {
      return CostFile.read(costs, backbone, precision, runtime.settings().device());
    }
    Path own = CostFile.of(backbone, precision, runtime);
    return Files.exists(own)
        ? CostFile.read(own, backbone, precision, runtime.settings().device())
        : null;
  }
}
