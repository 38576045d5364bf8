package io.sluice.cli.terminal;

import static java.util.Objects.requireNonNull;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * Where a command writes: results to one writer, progress to another, with styles only on a
 * terminal. Thread-safe as far as the writers are: one call writes one line.
 */
public final class Screen {
  private final PrintWriter results;
  private final PrintWriter progress;
  private final boolean styled;

  /**
   * @param results standard output, or what a test captures
   * @param progress standard error, or what a test captures
   * @param styled whether ANSI colours may be written
   */
  public Screen(PrintWriter results, PrintWriter progress, boolean styled) {
    this.results = requireNonNull(results, "results");
    this.progress = requireNonNull(progress, "progress");
    this.styled = styled;
  }

  /** Whether colours and rewritten lines are in order. */
  public boolean styled() {
    return styled;
  }

  /** Writes a formatted line of results. */
  public void line(String format, Object... arguments) {
    write(results, format, arguments);
  }

  /** Writes a formatted line of progress. */
  public void note(String format, Object... arguments) {
    write(progress, format, arguments);
  }

  /** Writes progress as it is: for a line that is written over. */
  public void overwrite(String text) {
    progress.print(text);
    progress.flush();
  }

  /** The same screen with progress among the results, for output that tells one story. */
  public Screen joined() {
    return new Screen(results, results, styled);
  }

  /** Writes an empty line of results. */
  public void gap() {
    results.println();
    results.flush();
  }

  /** Writes a table, a line per row. */
  public void table(Table table) {
    table.lines().forEach(row -> line("%s", row));
  }

  /** The text in bold, where styles are in order. */
  public String strong(String text) {
    return style("1", text);
  }

  /** The text in a weaker colour, where styles are in order. */
  public String faint(String text) {
    return style("2", text);
  }

  /** The text in the colour of success, where styles are in order. */
  public String good(String text) {
    return style("32", text);
  }

  /** The text in the colour of failure, where styles are in order. */
  public String bad(String text) {
    return style("31", text);
  }

  private String style(String code, String text) {
    return styled ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }

  private static void write(PrintWriter writer, String format, Object[] arguments) {
    writer.println(arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments));
    writer.flush();
  }
}
