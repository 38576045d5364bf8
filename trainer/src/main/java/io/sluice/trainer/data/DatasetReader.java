package io.sluice.trainer.data;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Reads labelled rows from {@code .jsonl}, {@code .csv} or {@code .tsv}, each also with {@code .gz}
 * behind it. UTF-8, with or without a byte order mark. Every bad row of a file is in one message.
 */
public final class DatasetReader {
  private static final int GZIP_BYTES = 1 << 16;

  private final Columns columns;

  public DatasetReader(Columns columns) {
    this.columns = requireNonNull(columns, "columns");
  }

  /**
   * Reads a whole file.
   *
   * @throws SluiceException {@code NOT_FOUND} if there is no such file; {@code INVALID_ARGUMENT} if
   *     it has no rows or any bad ones
   */
  public Dataset read(Path file) {
    requireNonNull(file, "file");
    try (RowSource rows = open(file)) {
      return read(file.toString(), rows);
    } catch (NoSuchFileException e) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND, file + ": no such file (expected: labelled rows)", e);
    } catch (CharacterCodingException e) {
      throw bad(file, "bytes that are not UTF-8 (expected: UTF-8 text)", e);
    } catch (ZipException | EOFException e) {
      throw bad(file, "not gzip data, or cut short (expected: gzip, by its name)", e);
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.UNAVAILABLE, file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static SluiceException bad(Path file, String problem, Exception cause) {
    return new SluiceException(ErrorCode.INVALID_ARGUMENT, file + ": " + problem, cause);
  }

  private static RowSource open(Path file) throws IOException {
    String name = file.toString().toLowerCase(Locale.ROOT);
    boolean gzip = name.endsWith(".gz");
    String plain = gzip ? name.substring(0, name.length() - 3) : name;
    String kind = plain.substring(plain.lastIndexOf('.') + 1);
    return switch (kind) {
      case "jsonl", "ndjson" -> new JsonLines(text(file, gzip));
      case "csv" -> new DelimitedRows(text(file, gzip), ',');
      case "tsv" -> new DelimitedRows(text(file, gzip), '\t');
      default ->
          throw new SluiceException(
              ErrorCode.INVALID_ARGUMENT,
              file + ": ." + kind + " (expected: .jsonl, .csv or .tsv, also with .gz)");
    };
  }

  private static Reader text(Path file, boolean gzip) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString());
    }
    InputStream raw = Files.newInputStream(file);
    try {
      return decoded(new BufferedInputStream(gzip ? new GZIPInputStream(raw, GZIP_BYTES) : raw));
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  /** Leaves a byte order mark out. */
  private static Reader decoded(InputStream bytes) throws IOException {
    bytes.mark(3);
    if (bytes.read() != 0xEF || bytes.read() != 0xBB || bytes.read() != 0xBF) {
      bytes.reset();
    }
    return new InputStreamReader(
        bytes,
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT));
  }

  private Dataset read(String source, RowSource rows) throws IOException {
    RowProblems problems = new RowProblems(source);
    List<Example> examples = new ArrayList<>();
    Columns.@Nullable Resolved fields = null;
    for (RowSource.Row row = rows.next(); row != null; row = rows.next()) {
      RowSource.Problem problem = row.problem();
      if (problem != null) {
        problems.add(row.line(), problem.field(), problem.found(), problem.expected());
        continue;
      }
      if (fields == null) {
        fields = resolve(source, row);
      }
      Example example = example(row, fields, problems);
      if (example != null) {
        examples.add(example);
      }
    }
    problems.throwIfAny();
    if (fields == null || examples.isEmpty()) {
      throw new SluiceException(ErrorCode.INVALID_ARGUMENT, source + ": 0 rows (expected: >= 1)");
    }
    return new Dataset(source, fields.texts(), examples);
  }

  private Columns.Resolved resolve(String source, RowSource.Row row) {
    try {
      return columns.resolve(row.fields().keySet());
    } catch (IllegalArgumentException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, source + ":" + row.line() + ": " + e.getMessage(), e);
    }
  }

  private static @Nullable Example example(
      RowSource.Row row, Columns.Resolved fields, RowProblems problems) {
    String text = value(row, fields.text(), problems);
    String pairField = fields.pair();
    String pair = pairField == null ? null : value(row, pairField, problems);
    String label = value(row, fields.label(), problems);
    if (text == null || label == null || (pairField != null && pair == null)) {
      return null;
    }
    return new Example(text, pair, label.strip(), row.line());
  }

  private static @Nullable String value(RowSource.Row row, String name, RowProblems problems) {
    RowSource.Field field = row.fields().get(name);
    if (field == null) {
      problems.add(row.line(), name, "absent", "a text in every row");
      return null;
    }
    if (!field.scalar()) {
      problems.add(row.line(), name, field.text(), "a text, a whole number or a boolean");
      return null;
    }
    if (field.text().isBlank()) {
      problems.add(row.line(), name, "blank", "a text in every row");
      return null;
    }
    return field.text();
  }
}
