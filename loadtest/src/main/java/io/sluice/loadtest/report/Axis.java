package io.sluice.loadtest.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * From values to places on a drawing, linear or logarithmic.
 *
 * @param from the least value shown
 * @param to the greatest
 * @param start where the least lies
 * @param end where the greatest lies
 */
record Axis(double from, double to, boolean logarithmic, double start, double end) {
  private static final int MARKS = 5;
  private static final int MOST_DECADES = 3;
  private static final double[] MULTIPLES = {1, 2, 5};

  /** An axis with room for the values between two; a linear one begins at 0. */
  static Axis over(double least, double most, boolean logarithmic, double start, double end) {
    if (logarithmic) {
      double low = Math.max(least, 1e-9);
      return new Axis(low / 1.2, Math.max(most, low) * 1.2, true, start, end);
    }
    double low = Math.min(0, least);
    double high = most > low ? most + 0.05 * (most - low) : low + 1;
    return new Axis(low, high, false, start, end);
  }

  double place(double value) {
    double share =
        logarithmic
            ? Math.log(Math.max(value, from) / from) / Math.log(to / from)
            : (value - from) / (to - from);
    return start + share * (end - start);
  }

  /** Round values to label: 1, 2 or 5 times powers of ten. */
  List<Double> marks() {
    List<Double> marks = new ArrayList<>();
    if (logarithmic) {
      double[] multiples = Math.log10(to / from) > MOST_DECADES ? new double[] {1} : MULTIPLES;
      for (double power = Math.pow(10, Math.floor(Math.log10(from))); power <= to; power *= 10) {
        for (double multiple : multiples) {
          if (power * multiple >= from && power * multiple <= to) {
            marks.add(power * multiple);
          }
        }
      }
      return marks;
    }
    double step = step((to - from) / MARKS);
    for (double mark = Math.ceil(from / step) * step; mark <= to; mark += step) {
      marks.add(mark);
    }
    return marks;
  }

  static String label(double value) {
    double size = Math.abs(value);
    if (size >= 10_000) {
      return String.format(Locale.ROOT, "%.0fk", value / 1000);
    }
    if (size >= 10 || value == Math.rint(value)) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    return String.format(Locale.ROOT, size >= 1 ? "%.1f" : "%.2f", value);
  }

  private static double step(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double multiple : MULTIPLES) {
      if (multiple * power >= least) {
        return multiple * power;
      }
    }
    return 10 * power;
  }
}
