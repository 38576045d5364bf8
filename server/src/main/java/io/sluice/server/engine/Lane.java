package io.sluice.server.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One distinct text of one task in a batch, with every row that asks for it. Rows of one lane are
 * computed once from the ids to the logits. Confined to one engine thread at a time.
 */
final class Lane {
  private record Key(LoadedTask task, Tokens tokens) {}

  private final LoadedTask task;
  private final Tokens tokens;
  private final List<Row> rows = new ArrayList<>(1);
  private long ownNanos;
  private int begin;
  private int sharedUpTo;

  private Lane(LoadedTask task, Tokens tokens) {
    this.task = task;
    this.tokens = tokens;
  }

  /** Lanes of {@code rows}, in order of first appearance. */
  static List<Lane> of(List<Row> rows) {
    Map<Key, Lane> lanes = new LinkedHashMap<>();
    for (Row row : rows) {
      lanes
          .computeIfAbsent(
              new Key(row.task(), row.tokens()), key -> new Lane(row.task(), row.tokens()))
          .rows
          .add(row);
    }
    return List.copyOf(lanes.values());
  }

  LoadedTask task() {
    return task;
  }

  Tokens tokens() {
    return tokens;
  }

  List<Row> rows() {
    return rows;
  }

  /** The boundary from which on blocks are run for it; 0 for its ids. */
  int begin() {
    return begin;
  }

  /** It begins with a state that was kept at {@code boundary}. */
  void beginsAt(int boundary) {
    begin = boundary;
  }

  /** The highest block that is known to be shared with lanes that are elsewhere now. */
  int sharedUpTo() {
    return sharedUpTo;
  }

  /** The blocks up to {@code boundary} were run for others as well, who part from it. */
  void sharedUpTo(int boundary) {
    sharedUpTo = boundary;
  }

  /** Adds time that was spent for this lane and no other. */
  void spent(long nanos) {
    ownNanos += nanos;
  }

  /** Time spent for this lane and no other. */
  long ownNanos() {
    return ownNanos;
  }

  boolean isDead(long nowNanos) {
    for (Row row : rows) {
      if (!row.isDead(nowNanos)) {
        return false;
      }
    }
    return true;
  }
}
