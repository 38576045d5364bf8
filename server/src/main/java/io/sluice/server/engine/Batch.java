package io.sluice.server.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows to be computed together: those taken from the queue, or a share of another batch. Immutable.
 *
 * @param rows one or more, live when they were taken
 * @param wide whether so few others compute, and have lately, that there are several threads for
 *     each
 * @param begun of a share, how far it has come; null for what begins with its ids
 */
record Batch(List<Row> rows, boolean wide, @Nullable Begun begun) {
  /** Rows that were taken from the queue. */
  static Batch of(List<Row> rows, boolean wide) {
    return new Batch(rows, wide, null);
  }

  /** Of a batch that is under way. */
  static Batch share(Begun begun, boolean wide) {
    return new Batch(begun.rows(), wide, begun);
  }

  boolean isShare() {
    return begun != null;
  }

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
