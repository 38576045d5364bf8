package io.sluice.cli.command.train;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.cli.command.option.Overwriting;
import io.sluice.cli.command.option.RowOptions;
import io.sluice.cli.command.option.RowsFrom;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.DatasetReader;
import io.sluice.trainer.data.RowFormat;
import io.sluice.trainer.data.Split;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say which rows a task is learned from. */
public final class DataOptions {
  @Mixin private RowOptions all = new RowOptions();

  @Option(
      names = "--dev",
      paramLabel = "ROWS",
      converter = RowsFrom.Converter.class,
      description = "Rows to choose by. Default: a share of --data, see --dev-share.")
  private @Nullable RowsFrom dev;

  @Option(
      names = "--dev-share",
      defaultValue = "0.15",
      description = "Share of --data that is kept for choosing by. Default: ${DEFAULT-VALUE}.")
  private double devShare;

  /** Ends the command if no data were named. */
  void require() {
    all.require();
  }

  /**
   * Ends the command if it would write over its rows.
   *
   * @param option that names a file to be written; {@code file} is null if it does not
   */
  void refuseOver(String option, @Nullable Path file) {
    all.refuseOver(option, file);
    if (dev != null) {
      Overwriting.refuse(option, file, dev.text());
    }
  }

  /** How the rows are to be read, which says what kind of task they make. */
  public RowFormat format(@Nullable TaskKind stated) {
    return all.format(stated);
  }

  /** Rows to learn from and rows to choose by. */
  public Split rows(RowFormat format, long seed) {
    Dataset read = all.read(format);
    RowsFrom separate = dev;
    if (separate != null) {
      return new Split(read, new DatasetReader(format).read(separate.text()));
    }
    if (!(devShare > 0 && devShare < 1)) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "dev-share: " + devShare + " (expected: between 0 and 1)");
    }
    return Split.stratified(read, devShare, seed);
  }
}
