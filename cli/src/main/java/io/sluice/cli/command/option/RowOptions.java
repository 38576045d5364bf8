package io.sluice.cli.command.option;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.data.Columns;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.DatasetReader;
import io.sluice.trainer.data.LabelledRows;
import io.sluice.trainer.data.Layout;
import io.sluice.trainer.data.RowFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say where labelled rows are and how they are to be read. */
public final class RowOptions {
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
  public void require() {
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
  public void refuseOver(String option, @Nullable Path file) {
    if (data != null) {
      data.forEach(rows -> Overwriting.refuse(option, file, rows.text()));
    }
  }

  /** Reads all rows. */
  public Dataset read(RowFormat format) {
    return new DatasetReader(format).readAll(sources());
  }

  /** Reads all rows for what is wrong with them, and again when they are asked for. */
  public LabelledRows readInParts(RowFormat format) {
    return new DatasetReader(format).readInParts(sources());
  }

  private List<String> sources() {
    require();
    return requireNonNull(data, "data").stream().map(RowsFrom::text).toList();
  }

  /** How the rows are to be read, which says what kind of task they make. */
  public RowFormat format(@Nullable TaskKind stated) {
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

  /**
   * How rows are to be read that a bundle is asked: of its kind, with its labels, and in the fields
   * it was trained on where nothing else is said and they are there.
   */
  public RowFormat format(Manifest bundle) {
    RowFormat asked = format(bundle.kind());
    List<Columns> columns = new ArrayList<>();
    if (layout == null && text == null && pair == null) {
      List<String> texts = bundle.textFields();
      String second = texts.size() == 1 ? null : texts.get(1);
      asked.columns().forEach(one -> columns.add(new Columns(texts.get(0), second, one.label())));
    }
    columns.addAll(asked.columns());
    return new RowFormat(asked.kind(), columns, asked.labelNames(), bundle.labels());
  }
}
