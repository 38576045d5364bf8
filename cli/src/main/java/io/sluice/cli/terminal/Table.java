package io.sluice.cli.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A table of text: a header, rows, columns as wide as their widest cell. A column whose header ends
 * in {@code >} is aligned to the right. Confined to one thread.
 */
public final class Table {
  private static final String BETWEEN = "  ";

  private final List<String> header;
  private final List<Boolean> alignRight;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * @param header one title per column; a trailing {@code >} aligns the column to the right
   */
  public Table(String... header) {
    this.header =
        List.of(header).stream()
            .map(title -> title.endsWith(">") ? title.substring(0, title.length() - 1) : title)
            .toList();
    this.alignRight = List.of(header).stream().map(title -> title.endsWith(">")).toList();
  }

  /**
   * Adds a row.
   *
   * @param cells one per column
   */
  public Table row(Object... cells) {
    if (cells.length != header.size()) {
      throw new IllegalArgumentException(
          "cells: " + cells.length + " (expected: " + header.size() + ")");
    }
    rows.add(List.of(cells).stream().map(String::valueOf).toList());
    return this;
  }

  /** The lines: header, rule, rows; no trailing blanks. */
  public List<String> lines() {
    List<Integer> widths = IntStream.range(0, header.size()).mapToObj(this::width).toList();
    List<String> lines = new ArrayList<>();
    lines.add(format(header, widths));
    lines.add(widths.stream().map("-"::repeat).collect(Collectors.joining(BETWEEN)));
    rows.forEach(row -> lines.add(format(row, widths)));
    return lines;
  }

  private int width(int column) {
    return Math.max(
        header.get(column).length(),
        rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0));
  }

  private String format(List<String> cells, List<Integer> widths) {
    return IntStream.range(0, cells.size())
        .mapToObj(column -> pad(cells.get(column), widths.get(column), alignRight.get(column)))
        .collect(Collectors.joining(BETWEEN))
        .stripTrailing();
  }

  private static String pad(String cell, int width, boolean right) {
    String blanks = " ".repeat(width - cell.length());
    return right ? blanks + cell : cell + blanks;
  }
}
