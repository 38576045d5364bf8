package io.sluice.trainer.history;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How the dev rows were answered at some step.
 *
 * @param step steps done
 * @param loss mean loss of the dev rows; NaN where it was not measured
 * @param metrics measures by name
 * @param best whether these were the best answers so far
 */
public record DevScore(int step, double loss, SortedMap<String, Double> metrics, boolean best) {
  public DevScore {
    metrics = Collections.unmodifiableSortedMap(new TreeMap<>(metrics));
  }

  /** From measures in any order. */
  public static DevScore of(int step, double loss, Map<String, Double> metrics, boolean best) {
    return new DevScore(step, loss, new TreeMap<>(metrics), best);
  }

  /** One of the measures; NaN where it was not taken. */
  public double metric(String name) {
    Double value = metrics.get(name);
    return value == null ? Double.NaN : value;
  }
}
