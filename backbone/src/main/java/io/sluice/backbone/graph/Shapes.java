package io.sluice.backbone.graph;

import java.util.StringJoiner;

/** Shapes as arrays of sizes: their product and their text. */
public final class Shapes {
  private Shapes() {}

  /** How many elements a tensor of that shape has. */
  public static long elements(long[] shape) {
    long count = 1;
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException(
            "shape: " + describe(shape) + " (expected: no negative size)");
      }
      count = Math.multiplyExact(count, size);
    }
    return count;
  }

  /** The shape as {@code (2, 3)}. */
  public static String describe(long[] shape) {
    StringJoiner text = new StringJoiner(", ", "(", ")");
    for (long size : shape) {
      text.add(Long.toString(size));
    }
    return text.toString();
  }
}
