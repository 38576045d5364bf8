package io.sluice.server.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** The waiting rows of one task, first in first out within each length bucket. Not thread-safe. */
final class TaskQueue {
  private final TreeMap<Integer, ArrayDeque<Row>> buckets = new TreeMap<>();

  /** Rows waiting; read by the batcher. */
  int rows;

  void add(int bucket, Row row) {
    buckets.computeIfAbsent(bucket, index -> new ArrayDeque<>()).add(row);
    rows++;
  }

  boolean isEmpty(int bucket) {
    return !buckets.containsKey(bucket);
  }

  Row peek(int bucket) {
    return queue(bucket).getFirst();
  }

  void remove(int bucket) {
    ArrayDeque<Row> queue = queue(bucket);
    queue.removeFirst();
    rows--;
    if (queue.isEmpty()) {
      buckets.remove(bucket);
    }
  }

  /** The row that has waited longest; the task has at least one. */
  Row oldest(long nowNanos) {
    Row oldest = buckets.firstEntry().getValue().getFirst();
    for (ArrayDeque<Row> queue : buckets.values()) {
      Row first = queue.getFirst();
      if (nowNanos - first.submittedNanos() > nowNanos - oldest.submittedNanos()) {
        oldest = first;
      }
    }
    return oldest;
  }

  List<Row> removeDead(long nowNanos) {
    List<Row> dead = new ArrayList<>();
    for (ArrayDeque<Row> queue : buckets.values()) {
      queue.removeIf(
          row -> {
            boolean useless = row.isDead(nowNanos);
            if (useless) {
              dead.add(row);
            }
            return useless;
          });
    }
    buckets.values().removeIf(ArrayDeque::isEmpty);
    rows -= dead.size();
    return dead;
  }

  private ArrayDeque<Row> queue(int bucket) {
    ArrayDeque<Row> queue = buckets.get(bucket);
    if (queue == null) {
      throw new IllegalStateException("bucket: " + bucket + " (expected: one with rows)");
    }
    return queue;
  }
}
