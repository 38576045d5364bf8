package io.sluice.trainer.data;

import static java.util.Objects.requireNonNull;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.TaskKind;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Reads labelled rows from a file, several or a query. Text formats, {@code .jsonl}, {@code .csv}
 * and {@code .tsv}, each also with {@code .gz} or {@code .zst} behind it, are read here, so that
 * every message can name the line; {@code .parquet} and queries are DuckDB's. UTF-8, with or
 * without a byte order mark. Every bad row is in one message.
 */
public final class DatasetReader {
  private static final int GZIP_BYTES = 1 << 16;
  private static final Pattern QUERY =
      Pattern.compile("\\s*(SELECT|WITH|FROM)\\s.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private final RowFormat format;
  private final TruthReader truths;

  /** Reads rows of one label each. */
  public DatasetReader(Columns columns) {
    this(RowFormat.of(TaskKind.CLASSIFY, requireNonNull(columns, "columns")));
  }

  public DatasetReader(RowFormat format) {
    this.format = requireNonNull(format, "format");
    truths = new TruthReader(format);
  }

  /**
   * Reads a whole file.
   *
   * @throws SluiceException {@code NOT_FOUND} if there is no such file; {@code INVALID_ARGUMENT} if
   *     it has no rows or any bad ones
   */
  public Dataset read(Path file) {
    String name = requireNonNull(file, "file").toString();
    List<Example> examples = new ArrayList<>();
    Pass all = pass(name, List.of(name), examples::add);
    return new Dataset(all.source, all.texts, examples);
  }

  /**
   * Reads a file, all files of a glob pattern in the order of their names, or the rows of a query.
   *
   * @param source a path; a pattern with {@code *}, {@code ?} or {@code [}; or a SELECT, in which
   *     files are tables: {@code SELECT sentence AS text, label FROM 'data/*.parquet'}
   * @throws SluiceException {@code NOT_FOUND} if there is no such file; {@code INVALID_ARGUMENT} if
   *     it has no rows or any bad ones
   */
  public Dataset read(String source) {
    return readAll(List.of(source));
  }

  /**
   * Reads several sources, one after another, as one.
   *
   * @param sources one or more, each as {@link #read(String)} takes it; all with the same texts
   * @throws SluiceException {@code NOT_FOUND} if there is no such file; {@code INVALID_ARGUMENT} if
   *     one has no rows or any bad ones, or other text fields than the first
   */
  public Dataset readAll(List<String> sources) {
    List<Example> examples = new ArrayList<>();
    Pass all = pass(sources, examples::add);
    return new Dataset(all.source, all.texts, examples);
  }

  /**
   * Reads several sources once, for what is wrong with them, and again whenever their rows are
   * asked for. Throws as {@link #readAll} does.
   */
  public LabelledRows readInParts(List<String> sources) {
    return new SourceRows(this, sources);
  }

  /**
   * What one pass over rows has shown.
   *
   * @param source their name in messages
   * @param texts names of the text fields
   */
  record Pass(String source, List<String> texts) {}

  /** Hands on every good row of the sources, then throws if there were others. */
  Pass pass(List<String> sources, Consumer<Example> sink) {
    if (sources.size() == 1) {
      return pass(sources.get(0), sink);
    }
    List<String> texts = List.of();
    for (String source : sources) {
      Pass part = pass(source, sink);
      if (!texts.isEmpty() && !part.texts.equals(texts)) {
        throw new SluiceException(
            ErrorCode.INVALID_ARGUMENT,
            source
                + ": text fields: "
                + part.texts
                + " (expected: "
                + texts
                + ", as in the files before)");
      }
      texts = part.texts;
    }
    return new Pass(String.join(", ", sources), texts);
  }

  private Pass pass(String source, Consumer<Example> sink) {
    requireNonNull(source, "source");
    if (query(source)) {
      try (RowSource rows = DuckRows.query("query", source)) {
        return new Gathered("query", sink).add("query", rows).done();
      } catch (IOException e) {
        throw unreadable("query", e);
      }
    }
    boolean pattern = source.matches(".*[*?\\[].*") && !Files.exists(Path.of(source));
    List<String> files = pattern ? DuckRows.glob(source) : List.of(source);
    if (files.isEmpty()) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND, source + ": no file (expected: one or more that match)");
    }
    return pass(source, files, sink);
  }

  /** Whether a source is a query, and not the name of files. */
  public static boolean query(String source) {
    return QUERY.matcher(source).matches();
  }

  private Pass pass(String source, List<String> files, Consumer<Example> sink) {
    Gathered gathered = new Gathered(source, sink);
    for (String file : files) {
      try (RowSource rows = open(Path.of(file))) {
        gathered.add(file, rows);
      } catch (NoSuchFileException e) {
        throw new SluiceException(
            ErrorCode.NOT_FOUND, file + ": no such file (expected: labelled rows)", e);
      } catch (CharacterCodingException e) {
        throw bad(file, "bytes that are not UTF-8 (expected: UTF-8 text)", e);
      } catch (ZipException | EOFException e) {
        throw bad(file, "not gzip data, or cut short (expected: gzip, by its name)", e);
      } catch (ZstdIOException e) {
        throw bad(file, "not Zstandard data, or cut short (expected: zst, by its name)", e);
      } catch (AccessDeniedException e) {
        throw bad(file, "permission denied (expected: a file that may be read)", e);
      } catch (IOException e) {
        throw unreadable(file, e);
      }
    }
    return gathered.done();
  }

  private static SluiceException unreadable(String source, IOException e) {
    return new SluiceException(ErrorCode.UNAVAILABLE, source + ": cannot be read: " + e, e);
  }

  private static SluiceException bad(String file, String problem, Exception cause) {
    return new SluiceException(ErrorCode.INVALID_ARGUMENT, file + ": " + problem, cause);
  }

  private static RowSource open(Path file) throws IOException {
    Path last = file.getFileName();
    String name = last == null ? "" : last.toString().toLowerCase(Locale.ROOT);
    String packing = name.endsWith(".gz") ? ".gz" : name.endsWith(".zst") ? ".zst" : "";
    String plain = name.substring(0, name.length() - packing.length());
    String kind = plain.substring(plain.lastIndexOf('.') + 1);
    if (kind.equals("parquet") && packing.isEmpty()) {
      if (!Files.isRegularFile(file)) {
        throw new NoSuchFileException(file.toString());
      }
      return DuckRows.parquet(file.toString());
    }
    return switch (kind) {
      case "jsonl", "ndjson" -> new JsonLines(text(file, packing));
      case "csv" -> new DelimitedRows(text(file, packing), ',');
      case "tsv" -> new DelimitedRows(text(file, packing), '\t');
      default ->
          throw new SluiceException(
              ErrorCode.INVALID_ARGUMENT,
              file
                  + ": "
                  + (name.contains(".") ? "." + kind : "no ending")
                  + " (expected: .jsonl, .csv or .tsv, also with .gz or .zst; or .parquet)");
    };
  }

  private static Reader text(Path file, String packing) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString());
    }
    InputStream raw = Files.newInputStream(file);
    try {
      InputStream plain =
          switch (packing) {
            case ".gz" -> new GZIPInputStream(raw, GZIP_BYTES);
            case ".zst" -> new ZstdInputStream(raw);
            default -> raw;
          };
      return decoded(new BufferedInputStream(plain));
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

  /** The rows of one file after another. */
  private final class Gathered {
    private final String source;
    private final Consumer<Example> sink;
    private final RowProblems problems;
    private boolean some;
    private @Nullable List<String> texts;

    Gathered(String source, Consumer<Example> sink) {
      this.source = source;
      this.sink = sink;
      this.problems = new RowProblems(source);
    }

    Gathered add(String file, RowSource rows) throws IOException {
      problems.in(file);
      Columns.@Nullable Resolved fields = null;
      for (RowSource.Row row = rows.next(); row != null; row = rows.next()) {
        RowSource.Problem problem = row.problem();
        if (problem != null) {
          problems.add(row.line(), problem.field(), problem.found(), problem.expected());
          continue;
        }
        if (fields == null) {
          fields = resolve(file, row);
          requireSame(file, fields.texts());
        }
        Example example = example(row, fields, problems);
        if (example != null) {
          some = true;
          sink.accept(example);
        }
      }
      return this;
    }

    Pass done() {
      problems.throwIfAny();
      if (texts == null || !some) {
        throw new SluiceException(ErrorCode.INVALID_ARGUMENT, source + ": 0 rows (expected: >= 1)");
      }
      return new Pass(source, texts);
    }

    private void requireSame(String file, List<String> found) {
      List<String> known = texts;
      if (known != null && !known.equals(found)) {
        throw new SluiceException(
            ErrorCode.INVALID_ARGUMENT,
            file
                + ": text fields: "
                + found
                + " (expected: "
                + known
                + ", as in the files before)");
      }
      texts = found;
    }
  }

  private Columns.Resolved resolve(String source, RowSource.Row row) {
    try {
      return format.resolve(row.fields().keySet());
    } catch (IllegalArgumentException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, source + ":" + row.line() + ": " + e.getMessage(), e);
    }
  }

  private @Nullable Example example(
      RowSource.Row row, Columns.Resolved fields, RowProblems problems) {
    String text = text(row, fields.text(), problems);
    String pairField = fields.pair();
    String pair = pairField == null ? null : text(row, pairField, problems);
    if (format.kind() == TaskKind.ANSWER_SPAN && pair == null) {
      return null;
    }
    Truth truth = truths.read(row, fields.label(), pair == null ? "" : pair, problems);
    if (text == null || truth == null || (pairField != null && pair == null)) {
      return null;
    }
    return new Example(text, pair, truth, row.line());
  }

  /** A field's text, or that of a template. */
  private static @Nullable String text(RowSource.Row row, String name, RowProblems problems) {
    if (!Columns.template(name)) {
      return value(row, name, problems);
    }
    Map<String, String> values = new HashMap<>();
    for (String field : Columns.names(name)) {
      String value = value(row, field, problems);
      if (value == null) {
        return null;
      }
      values.put(field, value);
    }
    return Columns.filled(name, field -> values.getOrDefault(field, ""));
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
