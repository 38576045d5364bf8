package io.sluice.loadtest.report;

import static java.util.Objects.requireNonNull;

import java.util.Locale;

/**
 * A figure against what it ought to be.
 *
 * @param what the figure, in words
 * @param found what it is
 * @param bound which side of the target is right
 * @param target what it ought to be
 * @param unit of both; empty for a ratio or a count
 */
public record Verdict(String what, double found, Bound bound, double target, String unit) {
  /** The right side of a target. */
  public enum Bound {
    AT_MOST("<="),
    AT_LEAST(">=");

    private final String sign;

    Bound(String sign) {
      this.sign = sign;
    }
  }

  public Verdict {
    requireNonNull(what, "what");
    requireNonNull(bound, "bound");
    requireNonNull(unit, "unit");
  }

  /** A figure that ought not to be above {@code target}. */
  public static Verdict atMost(String what, double found, double target, String unit) {
    return new Verdict(what, found, Bound.AT_MOST, target, unit);
  }

  /** A figure that ought not to be below {@code target}. */
  public static Verdict atLeast(String what, double found, double target, String unit) {
    return new Verdict(what, found, Bound.AT_LEAST, target, unit);
  }

  /** Whether it is as it ought to be; what is not a number is not. */
  public boolean met() {
    return bound == Bound.AT_MOST ? found <= target : found >= target;
  }

  /** {@code p99 ratio: 1.080 (target: <= 1.150): met}. */
  public String line() {
    String of = unit.isEmpty() ? "" : " " + unit;
    return what
        + ": "
        + number(found)
        + of
        + " (target: "
        + bound.sign
        + " "
        + number(target)
        + of
        + "): "
        + (met() ? "met" : "MISSED");
  }

  private static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e9) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    double size = Math.abs(value);
    String format = size < 0.001 ? "%.1e" : size < 10 ? "%.3f" : "%.1f";
    return String.format(Locale.ROOT, format, value);
  }
}
