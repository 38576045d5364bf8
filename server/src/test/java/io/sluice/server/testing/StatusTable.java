package io.sluice.server.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The tables of {@code docs/statuses.md}, which tests bring about cell by cell. */
public final class StatusTable {
  private static final Path PAGE = Path.of("..", "docs", "statuses.md");

  private StatusTable() {}

  /** The rows, by their cells, of the table whose first column has this name. */
  public static List<List<String>> rows(String firstColumn) {
    List<List<String>> rows = new ArrayList<>();
    boolean inside = false;
    for (String line : lines()) {
      if (line.startsWith("| " + firstColumn + " |")) {
        inside = true;
      } else if (!line.startsWith("|")) {
        inside = false;
      } else if (inside && line.startsWith("| ")) {
        rows.add(Arrays.stream(line.split("\\|", -1)).map(String::strip).skip(1).toList());
      }
    }
    if (rows.isEmpty()) {
      throw new AssertionError(PAGE + ": no table of \"" + firstColumn + "\" (expected: one)");
    }
    return rows;
  }

  private static List<String> lines() {
    try {
      return Files.readAllLines(PAGE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
