package io.sluice.trainer.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.Reader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a CSV (RFC 4180) or TSV file whose first row names the fields. In a TSV file quotes are
 * ordinary characters, as the data sets of the field use them.
 */
final class DelimitedRows implements RowSource {
  private final MappingIterator<String[]> rows;
  private @Nullable List<String> header;
  private boolean failed;

  DelimitedRows(Reader reader, char separator) throws IOException {
    CsvSchema schema = CsvSchema.emptySchema().withColumnSeparator(separator);
    rows =
        CsvMapper.builder()
            .enable(CsvParser.Feature.WRAP_AS_ARRAY, CsvParser.Feature.SKIP_EMPTY_LINES)
            .build()
            .readerFor(String[].class)
            .with(separator == '\t' ? schema.withoutQuoteChar() : schema)
            .readValues(reader);
  }

  @Override
  public @Nullable Row next() throws IOException {
    int line = line();
    try {
      if (failed) {
        return null;
      }
      List<String> names = header;
      if (names == null) {
        if (!rows.hasNextValue()) {
          return null;
        }
        line = line();
        names = List.of(rows.nextValue()).stream().map(String::strip).toList();
        header = names;
        // Spreadsheets write columns without a name at the end; they are not asked for.
        List<String> named = names.stream().filter(name -> !name.isEmpty()).toList();
        if (Set.copyOf(named).size() < named.size()) {
          failed = true;
          return new Row(
              line,
              Map.of(),
              new Problem("header", String.join(", ", names), "each field named once"));
        }
        line = line();
      }
      if (!rows.hasNextValue()) {
        return null;
      }
      line = line();
      return row(line, names, rows.nextValue());
    } catch (JsonProcessingException e) {
      // The parser has lost its place (an open quote, say): nothing behind it can be trusted.
      failed = true;
      return new Row(line, Map.of(), new Problem("row", e.getOriginalMessage(), "closed quotes"));
    }
  }

  private static Row row(int line, List<String> names, String[] cells) {
    if (cells.length != names.size()) {
      return new Row(
          line,
          Map.of(),
          new Problem("row", cells.length + " fields", names.size() + " as in the header"));
    }
    Map<String, Field> fields = new LinkedHashMap<>();
    for (int i = 0; i < cells.length; i++) {
      fields.put(names.get(i), new Field(cells[i], true));
    }
    return new Row(line, fields, null);
  }

  private int line() {
    return rows.getParser().currentLocation().getLineNr();
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
