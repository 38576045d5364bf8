package io.sluice.loadtest.report;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;

/**
 * A table for people: the first column is text, the others are figures. Immutable.
 *
 * @param header one title a column; the first says what the table is about
 * @param rows as wide as the header
 */
public record Sheet(List<String> header, List<List<String>> rows) {
  public Sheet {
    header = List.copyOf(header);
    rows = rows.stream().map(List::copyOf).toList();
    for (List<String> row : rows) {
      if (row.size() != header.size()) {
        throw new IllegalArgumentException(
            "row: " + row.size() + " cells (expected: " + header.size() + ")");
      }
    }
  }

  /** A table without rows. */
  public static Sheet of(String... header) {
    return new Sheet(List.of(header), List.of());
  }

  /** The same with one more row. */
  public Sheet with(String... cells) {
    List<List<String>> more = new ArrayList<>(rows);
    more.add(List.of(requireNonNull(cells, "cells")));
    return new Sheet(header, more);
  }

  /** The lines of the table as Markdown. */
  List<String> markdown() {
    List<String> lines = new ArrayList<>();
    lines.add(line(header));
    lines.add("|---" + "|--:".repeat(header.size() - 1) + "|");
    rows.forEach(row -> lines.add(line(row)));
    return lines;
  }

  private static String line(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |";
  }
}
