package io.sluice.trainer.diagnosis;

import static java.util.Objects.requireNonNull;

/**
 * What a run reached, where greater is better.
 *
 * @param metric name of the measure the run was chosen by
 * @param score the bundle's measure on the dev rows
 * @param probe the linear probe's measure on the same rows; NaN where there is no probe
 * @param devRows how many dev rows there are
 */
public record Outcome(String metric, double score, double probe, long devRows) {
  public Outcome {
    requireNonNull(metric, "metric");
    if (devRows < 1) {
      throw new IllegalArgumentException("devRows: " + devRows + " (expected: >= 1)");
    }
  }

  /** What the score gained over the probe. */
  public double gain() {
    return score - probe;
  }

  /**
   * One standard deviation of a share measured on so many rows: sqrt(p (1 - p) / n), with p no
   * nearer to 0 or 1 than a row allows. Exact for accuracy; of the right size for other measures
   * between 0 and 1.
   */
  public double deviation() {
    double nearest = 0.5 / devRows;
    double p = Math.min(1 - nearest, Math.max(nearest, score));
    return Math.sqrt(p * (1 - p) / devRows);
  }
}
