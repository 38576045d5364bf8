package io.sluice.loadtest.floor;

import java.util.Arrays;
import java.util.Collection;

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
