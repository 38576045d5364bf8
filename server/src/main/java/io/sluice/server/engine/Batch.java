package io.sluice.server.engine;

import java.util.List;

/**
 * Rows to be computed together. Immutable.
 *
 * @param rows one or more, live when they were taken
 * @param wide whether so few others compute, and have lately, that there are several threads for
 *     each
 */
record Batch(List<Row> rows, boolean wide) {
  int tokens() {
    return rows.stream().mapToInt(row -> row.tokens().length()).sum();
  }

  boolean isBackground() {
    return rows.stream().allMatch(Row::isBackground);
  }

  boolean isOf(Tokens text) {
    return rows.get(0).tokens().equals(text);
  }

  /** One whose rows are all answered is not, though nobody may have said so yet. */
  boolean isUnderWay() {
    return !rows.stream().allMatch(row -> row.result().isDone());
  }
}
