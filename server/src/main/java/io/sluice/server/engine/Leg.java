package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
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
  private final SortedMap<Integer, List<String>> adapterWeights = new TreeMap<>();
  private final List<String> headWeights;
  private final boolean firstToken;
  private final List<Object> identity;
  private final int hash;

  /** By the block they begin with. */
  private final AtomicReferenceArray<@Nullable Leg> ends;

  /** The lowest block from which on no token is needed but the first. */
  private final int firstTokenFrom;

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
    this.firstTokenFrom = firstToken ? 0 : firstTokenFrom(adapters, head);
    List<Object> parts = new ArrayList<>(List.of(from, to, firstToken));
    adapters.forEach(
        (point, structure) -> {
          parts.add(point);
          parts.add(structure.key());
          adapterWeights.put(
              point,
              structure.weightNames().stream().map(name -> adapterWeight(point, name)).toList());
        });
    parts.add(head == null ? "no head" : head.key());
    this.headWeights =
        head == null ? List.of() : head.weightNames().stream().map(Leg::headWeight).toList();
    this.identity = List.copyOf(parts);
    this.hash = identity.hashCode();
    this.ends = new AtomicReferenceArray<>(head == null ? 0 : to + 1);
  }

  private static int firstTokenFrom(
      SortedMap<Integer, Structure> adapters, @Nullable Structure head) {
    if (head == null || !head.suitsFirstToken()) {
      return Integer.MAX_VALUE;
    }
    int from = 0;
    for (Map.Entry<Integer, Structure> adapter : adapters.entrySet()) {
      if (!adapter.getValue().suitsFirstToken()) {
        from = adapter.getKey() + 1;
      }
    }
    return from;
  }

  /** Blocks and nothing else, of all tokens they get. */
  static Leg span(int from, int to) {
    return span(from, to, Integer.MAX_VALUE);
  }

  /**
   * Blocks and nothing else, from {@code firstTokenPoint} on, if that is among them, of the first
   * token of each row.
   */
  static Leg span(int from, int to, int firstTokenPoint) {
    boolean firstToken = from <= firstTokenPoint && firstTokenPoint <= to;
    return new Leg(from, to, new TreeMap<>(), null, firstToken);
  }

  /** The whole way of a task from boundary 0 to its logits. */
  static Leg whole(int points, SortedMap<Integer, Structure> adapters, Structure head) {
    return new Leg(1, points, adapters, requireNonNull(head, "head"), false);
  }

  /**
   * What a leg with a head is from block {@code start} on.
   *
   * @param start from its first to its last
   */
  Leg end(int start) {
    if (start == from) {
      return this;
    }
    Leg known = ends.get(start);
    if (known == null) {
      Structure ownHead = requireNonNull(head, "head");
      known = new Leg(start, to, adapters.tailMap(start), ownHead, false);
      ends.set(start, known);
    }
    return known;
  }

  /**
   * Whether from block {@code point} on no token is needed but the first.
   *
   * @param point see {@link io.sluice.backbone.Backbone#firstTokenPoint()}
   */
  boolean endsOnFirstToken(int point) {
    return point >= firstTokenFrom;
  }

  /** Whether a leg without a head gets all tokens and gives the first only. */
  boolean givesFirstToken() {
    return firstToken;
  }

  int from() {
    return from;
  }

  /** Whether it is the rest of a way that another leg begins. */
  boolean isEnd() {
    return head != null && from > 1;
  }

  int to() {
    return to;
  }

  SortedMap<Integer, Structure> adapters() {
    return adapters;
  }

  /**
   * With a head the outputs are the head's, else {@link #OUTPUT}, before any epilogue, and of the
   * first token if it {@linkplain #givesFirstToken gives} only that.
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

  /** The inputs that take the weights of the adapter at {@code point}, in their order. */
  List<String> adapterWeights(int point) {
    return requireNonNull(adapterWeights.get(point), "adapterWeights");
  }

  /** The inputs that take the weights of the head, in their order. */
  List<String> headWeights() {
    return headWeights;
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
