package io.sluice.cli.command.train;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.model.TrunkLimits;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options that say how much of the trunk's activations is kept; what is left out is as {@link
 * TrunkLimits} has.
 */
final class TrunkOptions {
  @Option(
      names = "--trunk-memory",
      paramLabel = "MIB",
      description = {
        "Memory for what the blocks below the lowest adapter make of the rows, in MiB.",
        "It saves time; results are the same whatever it is. Default: 512."
      })
  private @Nullable Integer memoryMebibytes;

  @Option(
      names = "--trunk-disk",
      paramLabel = "MIB",
      description = "Temporary disk space for what memory has no room for, in MiB. Default: 8192.")
  private @Nullable Integer diskMebibytes;

  /** The limits; what was given on top of the defaults. */
  TrunkLimits limits() {
    TrunkLimits usual = TrunkLimits.defaults();
    return new TrunkLimits(
        memoryMebibytes == null ? usual.memoryBytes() : bytes("memory", memoryMebibytes),
        diskMebibytes == null ? usual.diskBytes() : bytes("disk", diskMebibytes));
  }

  private static long bytes(String what, int mebibytes) {
    if (mebibytes < 0) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "trunk-" + what + ": " + mebibytes + " (expected: >= 0)");
    }
    return (long) mebibytes << 20;
  }
}
