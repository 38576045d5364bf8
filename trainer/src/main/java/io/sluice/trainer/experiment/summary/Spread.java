package io.sluice.trainer.experiment.summary;

import java.util.Collection;

/**
 * Some figures in brief.
 *
 * @param count how many there are
 * @param mean of them; NaN if there are none
 * @param sd sample standard deviation, with n - 1; NaN for fewer than two
 */
public record Spread(int count, double mean, double sd) {
  /** Of some figures. */
  public static Spread of(Collection<Double> figures) {
    int count = figures.size();
    double mean = figures.stream().mapToDouble(value -> value).average().orElse(Double.NaN);
    double squares = figures.stream().mapToDouble(value -> (value - mean) * (value - mean)).sum();
    return new Spread(count, mean, count < 2 ? Double.NaN : Math.sqrt(squares / (count - 1)));
  }
}
