package io.sluice.loadtest.vitals;

import java.util.Arrays;
import java.util.List;

/**
 * How a series of samples grows, by the estimator of Theil and Sen: the median of the slopes
 * between any two samples. Up to a quarter of the samples may be anything without moving it far.
 *
 * @param perSecond growth a second
 * @param median of the samples
 * @param seconds from the first sample to the last
 */
public record Trend(double perSecond, double median, double seconds) {

  /**
   * The trend of some samples.
   *
   * @param atSeconds when each was taken, ascending
   * @param values as many
   */
  public static Trend of(List<Double> atSeconds, List<Double> values) {
    int count = values.size();
    if (count < 2 || atSeconds.size() != count) {
      throw new IllegalArgumentException(
          "atSeconds, values: "
              + atSeconds.size()
              + ", "
              + count
              + " (expected: as many of each, at least 2)");
    }
    double[] slopes = new double[count * (count - 1) / 2];
    int next = 0;
    for (int i = 0; i < count; i++) {
      for (int j = i + 1; j < count; j++) {
        slopes[next++] = (values.get(j) - values.get(i)) / (atSeconds.get(j) - atSeconds.get(i));
      }
    }
    return new Trend(
        median(slopes),
        median(values.stream().mapToDouble(Double::doubleValue).toArray()),
        atSeconds.get(count - 1) - atSeconds.get(0));
  }

  /** Growth over the time of the samples, as a share of their median. */
  public double growthShare() {
    return median == 0 ? 0 : perSecond * seconds / median;
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }
}
