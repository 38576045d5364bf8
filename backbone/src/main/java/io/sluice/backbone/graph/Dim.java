package io.sluice.backbone.graph;

import static java.util.Objects.requireNonNull;

/** The size of one axis as a graph declares it. */
public sealed interface Dim {

  /** A size fixed in the graph. */
  record Known(long size) implements Dim {
    public Known {
      if (size < 0) {
        throw new IllegalArgumentException("size: " + size + " (expected: >= 0)");
      }
    }

    @Override
    public String toString() {
      return Long.toString(size);
    }
  }

  /**
   * A size that is known when the graph runs; equal names are equal sizes, the empty name says
   * nothing.
   */
  record Symbol(String name) implements Dim {
    public Symbol {
      requireNonNull(name, "name");
    }

    @Override
    public String toString() {
      return name.isEmpty() ? "?" : name;
    }
  }

  /** Any number of axes of any size; only as the one entry of a shape whose rank is not known. */
  record Rest() implements Dim {
    @Override
    public String toString() {
      return "...";
    }
  }

  /** {@link Known} for a Long or Integer, {@link Symbol} for a String, a Dim for itself. */
  static Dim of(Object dim) {
    if (dim instanceof Dim same) {
      return same;
    }
    if (dim instanceof Long || dim instanceof Integer) {
      return new Known(((Number) dim).longValue());
    }
    if (dim instanceof String name) {
      return new Symbol(name);
    }
    throw new IllegalArgumentException(
        "dim: " + dim + " (expected: a Long, an Integer, a String or a Dim)");
  }
}
