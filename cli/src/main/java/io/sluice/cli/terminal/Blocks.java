package io.sluice.cli.terminal;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Numbers between 0 and 1 as a line of block characters, one per number: a small bar chart. */
public final class Blocks {
  private static final String LEVELS = "▁▂▃▄▅▆▇█";

  private static final String NONE = "·";

  private static final double VISIBLE = 0.05;

  private Blocks() {}

  /**
   * The chart of some shares.
   *
   * @param shares each 0 to 1; less than 1/20 is drawn as a dot
   */
  public static String of(double... shares) {
    return IntStream.range(0, shares.length)
        .mapToObj(i -> of(shares[i]))
        .collect(Collectors.joining());
  }

  private static String of(double share) {
    if (!(share >= VISIBLE)) {
      return NONE;
    }
    int level = (int) Math.min(LEVELS.length() - 1L, (long) (share * LEVELS.length()));
    return LEVELS.substring(level, level + 1);
  }
}
