package io.sluice.trainer.data;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with a source, gathered so that it is reported once. Confined to one thread. */
final class RowProblems {
  static final int SHOWN = 20;

  private final String source;
  private String part;
  private final List<String> shown = new ArrayList<>();
  private int count;

  RowProblems(String source) {
    this.source = source;
    this.part = source;
  }

  /** Says which of several files the problems to come are in. */
  void in(String file) {
    part = file;
  }

  /** Adds {@code source:line: field: value (expected: ...)}. */
  void add(int line, String field, String value, String expected) {
    count++;
    if (shown.size() < SHOWN) {
      shown.add(
          part
              + ":"
              + line
              + ": "
              + field
              + ": "
              + shorten(value)
              + " (expected: "
              + expected
              + ")");
    }
  }

  /** Throws everything gathered, if anything was. */
  void throwIfAny() {
    if (count == 0) {
      return;
    }
    String rest = count > shown.size() ? "\n... and " + (count - shown.size()) + " more" : "";
    throw new SluiceException(
        ErrorCode.INVALID_ARGUMENT,
        source
            + ": "
            + count
            + (count == 1 ? " bad row\n" : " bad rows\n")
            + String.join("\n", shown)
            + rest);
  }

  private static String shorten(String value) {
    String line = value.replaceAll("\\s+", " ").strip();
    return line.codePointCount(0, line.length()) <= 60
        ? line
        : line.substring(0, line.offsetByCodePoints(0, 57)) + "...";
  }
}
