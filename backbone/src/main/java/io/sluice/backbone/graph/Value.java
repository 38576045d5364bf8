package io.sluice.backbone.graph;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A named input or output of a graph with its declared type.
 *
 * @param shape one entry for each axis, none for a scalar; the one entry {@link Dim.Rest} where the
 *     rank is not told
 */
public record Value(String name, DataType type, List<Dim> shape) {
  public Value {
    requireNonNull(name, "name");
    requireNonNull(type, "type");
    shape = List.copyOf(shape);
    if (name.isEmpty()) {
      throw new IllegalArgumentException("name: '' (expected: a name)");
    }
  }

  /** A value with dims of Long or Integer (a known size), String (a symbol) or {@link Dim}. */
  public static Value of(String name, DataType type, Object... dims) {
    return new Value(name, type, Arrays.stream(dims).map(Dim::of).toList());
  }

  /** The same declaration under another name. */
  public Value named(String newName) {
    return new Value(newName, type, shape);
  }

  /** Whether the number of axes is known. */
  public boolean ranked() {
    return !(shape.size() == 1 && shape.get(0) instanceof Dim.Rest);
  }

  /** Whether a tensor of the given shape is one of this declaration (symbols fit every size). */
  public boolean accepts(long... actual) {
    if (!ranked()) {
      return true;
    }
    if (actual.length != shape.size()) {
      return false;
    }
    for (int i = 0; i < actual.length; i++) {
      if (shape.get(i) instanceof Dim.Known known && known.size() != actual[i]) {
        return false;
      }
    }
    return true;
  }

  /** The declared shape as {@code (batch, seq, 384)}. */
  public String describeShape() {
    return shape.stream().map(Dim::toString).collect(Collectors.joining(", ", "(", ")"));
  }
}
