package io.sluice.backbone.runtime;

import java.util.StringJoiner;

/** Shapes as arrays of sizes: their product and their text. */
final class Shapes {
  private Shapes() {}

  static long elements(long[] shape) {
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

  static String describe(long[] shape) {
    StringJoiner text = new StringJoiner(", ", "(", ")");
    for (long size : shape) {
      text.add(Long.toString(size));
    }
    return text.toString();
  }
}
