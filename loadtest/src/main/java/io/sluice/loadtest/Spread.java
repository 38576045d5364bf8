package io.sluice.loadtest;

import java.util.Arrays;
import java.util.Locale;

/** Median, least and greatest of a figure over the repeats of a measurement. */
public record Spread(double median, double least, double greatest) {
  /** Of at least one value. */
  public static Spread of(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("values: none (expected: 1 or more)");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1]);
  }

  /** {@code median (least .. greatest)} with the given number of decimals. */
  public String describe(int decimals) {
    String number = "%." + decimals + "f";
    return String.format(
        Locale.ROOT, number + " (" + number + " .. " + number + ")", median, least, greatest);
  }
}
