package io.sluice.cli.command;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.data.Columns;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.DatasetReader;
import io.sluice.trainer.data.Layout;
import io.sluice.trainer.data.RowFormat;
import io.sluice.trainer.data.Split;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which rows a task is learned from. */
final class DataOptions {
  @Option(
      names = "--data",
      paramLabel = "ROWS",
      converter = RowsFrom.Converter.class,
      description = {
        "Labelled rows: a file (.jsonl, .csv or .tsv, also with .gz or .zst; .parquet), a glob of"
            + " such files, or a query that DuckDB answers:",
        "\"SELECT sentence AS text, label FROM 'data/*.parquet' LIMIT 1000\".",
        "Given several times: all of them, one after another."
      })
  private @Nullable List<RowsFrom> data;

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

  @Option(
      names = "--layout",
      paramLabel = "NAME",
      description =
          "Fields, labels and kind of a known set: cola, sst2, mrpc, qqp, stsb, mnli, qnli, rte,"
              + " wnli, boolq, cb, copa, wic, squad.")
  private @Nullable String layout;

  @Option(
      names = "--text",
      paramLabel = "FIELD",
      description = {
        "Field of the text, or a text with fields in braces: \"{word}: {sentence}\".",
        "Default: text, else a; question for ANSWER_BOOLEAN and ANSWER_SPAN."
      })
  private @Nullable String text;

  @Option(
      names = "--pair",
      paramLabel = "FIELD",
      description =
          "Field of the second text. Default: b where the first is a, else none; passage or context"
              + " for ANSWER_BOOLEAN and ANSWER_SPAN.")
  private @Nullable String pair;

  @Option(
      names = "--label",
      paramLabel = "FIELD",
      description =
          "Field of the label, list of labels (or a text with commas), value or answers. Default:"
              + " label; answers or answer for ANSWER_SPAN.")
  private @Nullable String label;

  /** Ends the command if no data were named. */
  void require() {
    if (data == null) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "--data: missing (expected: a file of labelled rows)");
    }
  }

  /**
   * Ends the command if it would write over its rows.
   *
   * @param option that names a file to be written; {@code file} is null if it does not
   */
  void refuseOver(String option, @Nullable Path file) {
    if (data != null) {
      data.forEach(rows -> Overwriting.refuse(option, file, rows.text()));
    }
    if (dev != null) {
      Overwriting.refuse(option, file, dev.text());
    }
  }

  /** How the rows are to be read, which says what kind of task they make. */
  RowFormat format(@Nullable TaskKind stated) {
    RowFormat known = layout == null ? null : Layout.of(layout);
    TaskKind kind = stated != null ? stated : known != null ? known.kind() : TaskKind.CLASSIFY;
    RowFormat usual = known == null ? RowFormat.of(kind) : known;
    List<Columns> columns = usual.columns();
    String truth = label;
    if (text != null || pair != null) {
      columns = List.of(new Columns(text, pair, truth != null ? truth : columns.get(0).label()));
    } else if (truth != null) {
      columns = columns.stream().map(one -> new Columns(one.text(), one.pair(), truth)).toList();
    }
    return new RowFormat(kind, columns, usual.labelNames());
  }

  /** Rows to learn from and rows to choose by. */
  Split rows(RowFormat format, long seed) {
    require();
    DatasetReader reader = new DatasetReader(format);
    Dataset all =
        reader.readAll(requireNonNull(data, "data").stream().map(RowsFrom::text).toList());
    RowsFrom separate = dev;
    if (separate != null) {
      return new Split(all, reader.read(separate.text()));
    }
    if (!(devShare > 0 && devShare < 1)) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "dev-share: " + devShare + " (expected: between 0 and 1)");
    }
    return Split.stratified(all, devShare, seed);
  }
}
