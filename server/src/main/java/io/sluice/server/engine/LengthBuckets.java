package io.sluice.server.engine;

import java.util.Arrays;

/**
 * Classes of row lengths, in tokens. A row is at least two thirds as long as the longest of its
 * class (short ones apart), so padding costs a third at most.
 */
final class LengthBuckets {
  private static final int[] LONGEST = {
    16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048, 4096, 8192
  };

  /** Number of classes. The last one takes whatever is longer. */
  static final int COUNT = LONGEST.length + 1;

  private LengthBuckets() {}

  static int of(int length) {
    int found = Arrays.binarySearch(LONGEST, length);
    return found >= 0 ? found : -found - 1;
  }
}
