package io.sluice.cli.command.option;

import java.util.Locale;

/**
 * Numbers that an option may be.
 *
 * @param least the smallest
 * @param most the largest
 */
public record ValueRange(double least, double most) {
  /** Whether the number is one of them; none is not. */
  public boolean holds(double value) {
    return value >= least && value <= most;
  }

  @Override
  public String toString() {
    return text(least) + " to " + text(most);
  }

  private static String text(double bound) {
    return bound == Math.rint(bound)
        ? String.format(Locale.ROOT, "%.0f", bound)
        : Double.toString(bound);
  }
}
