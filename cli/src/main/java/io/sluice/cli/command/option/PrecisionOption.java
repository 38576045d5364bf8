package io.sluice.cli.command.option;

import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.Device;
import picocli.CommandLine.Option;

/** The option that says in which format a backbone is measured. */
public final class PrecisionOption {
  @Option(
      names = "--backbone-precision",
      paramLabel = "FORMAT",
      defaultValue = "FP32",
      description =
          "Format the backbone's weights are computed with, as a server is started:"
              + " ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Precision precision = Precision.FP32;

  /** The format, refused where the device has no fast operators for it. */
  public Precision on(Device device) {
    precision.requireOn(device);
    return precision;
  }
}
