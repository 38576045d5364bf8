package io.sluice.loadtest.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * Some repeats of one figure: median, quartiles (linear interpolation) and extremes.
 *
 * @param repeats how many
 */
public record Spread(
    int repeats,
    double median,
    double lowerQuartile,
    double upperQuartile,
    double min,
    double max) {
  /** Of at least one value. */
  public static Spread of(Collection<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    if (sorted.length == 0) {
      throw new IllegalArgumentException("values: none (expected: at least 1)");
    }
    return new Spread(
        sorted.length,
        quantile(sorted, 0.5),
        quantile(sorted, 0.25),
        quantile(sorted, 0.75),
        sorted[0],
        sorted[sorted.length - 1]);
  }

  /** Of the ratios of two series, pair by pair: both of a pair met about the same machine. */
  public static Spread ofRatios(List<Double> of, List<Double> to) {
    if (of.size() != to.size()) {
      throw new IllegalArgumentException(
          "of, to: " + of.size() + ", " + to.size() + " (expected: as many of each)");
    }
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < of.size(); i++) {
      ratios.add(of.get(i) / to.get(i));
    }
    return of(ratios);
  }

  /** {@code 1.31 [1.18, 1.40]}: median and quartiles. */
  public String text(int digits) {
    String number = "%." + digits + "f";
    return String.format(
        Locale.ROOT,
        number + " [" + number + ", " + number + "]",
        median,
        lowerQuartile,
        upperQuartile);
  }

  private static double quantile(double[] sorted, double q) {
    double place = q * (sorted.length - 1);
    int below = (int) Math.floor(place);
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }

  @Override
  public String toString() {
    return median + " " + Arrays.asList(lowerQuartile, upperQuartile);
  }
}
