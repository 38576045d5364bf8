package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of the backbone that can be run at once, with what sits on it: blocks {@code from} to
 * {@code to}, the adapters of one structure at points among them, and behind the last block maybe
 * the epilogue and a head. Equal legs are one session: weights of adapters and heads are inputs.
 * Immutable.
 */
final class Leg {
  /** Output of a leg without a head: (batch, seq or 1, hidden) float32. */
  static final String OUTPUT = "leg_output";

  private final int from;
  private final int to;
  private final SortedMap<Integer, Structure> adapters;
  private final @Nullable Structure head;
  private final boolean firstToken;
  private final List<Object> identity;
  private final int hash;

  private Leg(
      int from,
      int to,
      SortedMap<Integer, Structure> adapters,
      @Nullable Structure head,
      boolean firstToken) {
    this.from = from;
    this.to = to;
    this.adapters = Collections.unmodifiableSortedMap(new TreeMap<>(adapters));
    this.head = head;
    this.firstToken = firstToken;
    List<Object> parts = new ArrayList<>(List.of(from, to, firstToken));
    adapters.forEach(
        (point, structure) -> {
          parts.add(point);
          parts.add(structure.key());
        });
    parts.add(head == null ? "no head" : head.key());
    this.identity = List.copyOf(parts);
    this.hash = identity.hashCode();
  }

  /** Blocks and nothing else. */
  static Leg span(int from, int to) {
    return new Leg(from, to, new TreeMap<>(), null, false);
  }

  /** Blocks and nothing else, the last of them computed for the first token of each row. */
  static Leg spanToFirstToken(int from, int to) {
    return new Leg(from, to, new TreeMap<>(), null, true);
  }

  /** The whole way of a task from boundary 0 to its logits. */
  static Leg whole(int points, SortedMap<Integer, Structure> adapters, Structure head) {
    return new Leg(1, points, adapters, requireNonNull(head, "head"), false);
  }

  /**
   * Whether from block {@code point} on no token is needed but the first.
   *
   * @param point see {@link io.sluice.backbone.Backbone#firstTokenPoint()}
   */
  boolean endsOnFirstToken(int point) {
    return firstToken
        || (head != null
            && head.suitsFirstToken()
            && adapters.tailMap(point).values().stream().allMatch(Structure::suitsFirstToken));
  }

  int from() {
    return from;
  }

  int to() {
    return to;
  }

  SortedMap<Integer, Structure> adapters() {
    return adapters;
  }

  /**
   * With a head the outputs are the head's, else {@link #OUTPUT}, before any epilogue, and of the
   * first token if it {@linkplain #spanToFirstToken ends} on that.
   */
  @Nullable Structure head() {
    return head;
  }

  /** The input that takes weight {@code weight} of the adapter at {@code point}. */
  static String adapterWeight(int point, String weight) {
    return "point" + point + "_" + weight;
  }

  /** The input that takes weight {@code weight} of the head. */
  static String headWeight(String weight) {
    return "head_" + weight;
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof Leg that && hash == that.hash && identity.equals(that.identity));
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return "blocks "
        + from
        + " to "
        + to
        + (adapters.isEmpty() ? "" : " with adapters at " + adapters.keySet())
        + (firstToken ? " for the first token" : "")
        + (head == null ? "" : " and a head");
  }
}
