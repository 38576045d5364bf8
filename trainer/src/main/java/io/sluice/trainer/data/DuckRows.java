package io.sluice.trainer.data;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a query, by DuckDB inside this process: Parquet files and whatever a SELECT makes of
 * files. A row's "line" is its number. It reads files only; nothing is fetched and nothing written.
 */
final class DuckRows implements RowSource {
  private static final Pattern NESTED = Pattern.compile("(STRUCT|MAP|UNION)\\(.*|.*\\[\\d*]");
  private static final Pattern FRACTION = Pattern.compile("FLOAT|DOUBLE|DECIMAL.*");

  /** What the driver puts in front of the error that a statement failed with. */
  private static final String CAUSE = "\nError: ";

  private final Connection connection;
  private final Statement statement;
  private final ResultSet rows;
  private final List<Column> columns;
  private int number;

  private record Column(String name, boolean nested, boolean fraction) {}

  private DuckRows(
      Connection connection, Statement statement, ResultSet rows, List<Column> columns) {
    this.connection = connection;
    this.statement = statement;
    this.rows = rows;
    this.columns = columns;
  }

  /** The rows of a Parquet file. */
  static DuckRows parquet(String file) {
    return query(file, "SELECT * FROM read_parquet(" + quoted(file) + ")");
  }

  /**
   * The rows of a query.
   *
   * @param source its name in messages
   * @throws SluiceException {@code INVALID_ARGUMENT} with what DuckDB says if it is none
   */
  static DuckRows query(String source, String select) {
    Connection connection = null;
    try {
      connection = open();
      List<Column> columns = describe(connection, select);
      Statement statement = connection.createStatement();
      ResultSet rows = statement.executeQuery(asText(select, columns));
      return new DuckRows(connection, statement, rows, columns);
    } catch (SQLException e) {
      close(connection);
      throw refused(source, e);
    }
  }

  /** The files a pattern matches, sorted. */
  static List<String> glob(String pattern) {
    try (Connection connection = open();
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT file FROM glob(" + quoted(pattern) + ") ORDER BY file")) {
      List<String> files = new ArrayList<>();
      while (found.next()) {
        files.add(found.getString(1));
      }
      return files;
    } catch (SQLException e) {
      throw refused(pattern, e);
    }
  }

  @Override
  public @Nullable Row next() throws IOException {
    try {
      if (!rows.next()) {
        return null;
      }
      number++;
      Map<String, Field> fields = new LinkedHashMap<>();
      for (int i = 0; i < columns.size(); i++) {
        String text = rows.getString(i + 1);
        Column column = columns.get(i);
        boolean scalar = text != null && !column.nested && !column.fraction;
        fields.put(column.name, new Field(text == null ? "null" : text, scalar));
      }
      return new Row(number, fields, null);
    } catch (SQLException e) {
      throw new IOException(firstLine(e), e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      rows.close();
      statement.close();
      connection.close();
    } catch (SQLException e) {
      throw new IOException(firstLine(e), e);
    }
  }

  private static Connection open() throws SQLException {
    Properties settings = new Properties();
    // No extension is ever fetched from the network.
    settings.setProperty("autoinstall_known_extensions", "false");
    // Rows as they are asked for, not all of them in memory first.
    settings.setProperty("jdbc_stream_results", "true");
    return DriverManager.getConnection("jdbc:duckdb:", settings);
  }

  private static List<Column> describe(Connection connection, String select) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("DESCRIBE SELECT * FROM (" + select + "\n)")) {
      List<Column> columns = new ArrayList<>();
      while (found.next()) {
        String type = found.getString("column_type");
        columns.add(
            new Column(
                found.getString("column_name"),
                NESTED.matcher(type).matches() || type.equals("JSON"),
                FRACTION.matcher(type).matches()));
      }
      return columns;
    }
  }

  /** The query with every column as text, nested ones as JSON. */
  private static String asText(String select, List<Column> columns) {
    List<String> made = new ArrayList<>();
    for (Column column : columns) {
      String name = '"' + column.name.replace("\"", "\"\"") + '"';
      made.add((column.nested ? "to_json(" + name + ")" : name) + "::VARCHAR");
    }
    return "SELECT " + String.join(", ", made) + " FROM (" + select + "\n)";
  }

  private static String quoted(String text) {
    return '\'' + text.replace("'", "''") + '\'';
  }

  private static SluiceException refused(String source, SQLException e) {
    return new SluiceException(
        ErrorCode.INVALID_ARGUMENT,
        source + ": " + firstLine(e) + " (expected: rows that DuckDB can read)",
        e);
  }

  /** What went wrong, and not in which of the driver's steps it came out. */
  private static String firstLine(SQLException e) {
    String message = String.valueOf(e.getMessage());
    int cause = message.indexOf(CAUSE);
    return message.substring(cause < 0 ? 0 : cause + CAUSE.length()).lines().findFirst().orElse("");
  }

  private static void close(@Nullable Connection connection) {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        throw new IllegalStateException("DuckDB: not closed", e);
      }
    }
  }
}
