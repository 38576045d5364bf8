package io.sluice.server.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The waiting rows of one share, first in first out within each length bucket. Not thread-safe; its
 * numbers are read by {@link FairQueue}.
 */
final class Share {
  private final TreeMap<Integer, ArrayDeque<Row>> buckets = new TreeMap<>();

  /** Rows waiting. */
  int rows;

  /** Tokens of them. */
  long tokens;

  /** Tokens served, counted from where the others were when the share came. */
  long servedTokens;

  /** When it came or was served last; counts up. */
  long turn;

  Share(long servedTokens, long turn) {
    this.servedTokens = servedTokens;
    this.turn = turn;
  }

  void serve(int rowTokens, long newTurn) {
    servedTokens += rowTokens;
    turn = newTurn;
  }

  void add(int bucket, Row row) {
    buckets.computeIfAbsent(bucket, index -> new ArrayDeque<>()).add(row);
    rows++;
    tokens += row.tokens().length();
  }

  boolean isEmpty(int bucket) {
    return !buckets.containsKey(bucket);
  }

  Row peek(int bucket) {
    return queue(bucket).getFirst();
  }

  void remove(int bucket) {
    ArrayDeque<Row> queue = queue(bucket);
    gone(queue.removeFirst());
    if (queue.isEmpty()) {
      buckets.remove(bucket);
    }
  }

  /** The row that has waited shortest; the share has at least one. */
  Row removeNewest() {
    int bucket = buckets.firstKey();
    for (Map.Entry<Integer, ArrayDeque<Row>> other : buckets.entrySet()) {
      if (other.getValue().getLast().submittedNanos() - queue(bucket).getLast().submittedNanos()
          > 0) {
        bucket = other.getKey();
      }
    }
    Row newest = queue(bucket).removeLast();
    gone(newest);
    if (queue(bucket).isEmpty()) {
      buckets.remove(bucket);
    }
    return newest;
  }

  private void gone(Row row) {
    rows--;
    tokens -= row.tokens().length();
  }

  /** The row that has waited longest; the share has at least one. */
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

  boolean hasDead(long nowNanos) {
    return buckets.values().stream()
        .anyMatch(queue -> queue.stream().anyMatch(row -> row.isDead(nowNanos)));
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
    dead.forEach(this::gone);
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
