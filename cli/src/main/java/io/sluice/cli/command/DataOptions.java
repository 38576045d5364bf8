package io.sluice.cli.command;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.data.Columns;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.DatasetReader;
import io.sluice.trainer.data.Split;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which rows a task is learned from. */
final class DataOptions {
  @Option(
      names = "--data",
      paramLabel = "FILE",
      description = "Labelled rows: .jsonl, .csv or .tsv, also with .gz.")
  private @Nullable Path data;

  @Option(
      names = "--dev",
      paramLabel = "FILE",
      description = "Rows to choose by. Default: a share of --data, see --dev-share.")
  private @Nullable Path dev;

  @Option(
      names = "--dev-share",
      defaultValue = "0.15",
      description = "Share of --data that is kept for choosing by. Default: ${DEFAULT-VALUE}.")
  private double devShare;

  @Option(
      names = "--text",
      paramLabel = "FIELD",
      description = "Field of the text. Default: text, else a.")
  private @Nullable String text;

  @Option(
      names = "--pair",
      paramLabel = "FIELD",
      description = "Field of the second text. Default: b where the first is a, else none.")
  private @Nullable String pair;

  @Option(
      names = "--label",
      paramLabel = "FIELD",
      defaultValue = "label",
      description = "Field of the label. Default: ${DEFAULT-VALUE}.")
  private String label = "";

  /** Ends the command if no data were named. */
  void require() {
    if (data == null) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "--data: missing (expected: a file of labelled rows)");
    }
  }

  /** Rows to learn from and rows to choose by. */
  Split rows(long seed) {
    require();
    DatasetReader reader = new DatasetReader(new Columns(text, pair, label));
    Dataset all = reader.read(requireNonNull(data, "data"));
    Path separate = dev;
    if (separate != null) {
      return new Split(all, reader.read(separate));
    }
    if (!(devShare > 0 && devShare < 1)) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "dev-share: " + devShare + " (expected: between 0 and 1)");
    }
    return Split.stratified(all, devShare, seed);
  }
}
