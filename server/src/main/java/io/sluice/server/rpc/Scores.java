package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import io.sluice.registry.bundle.Manifest;

/**
 * The probabilities of a task's labels for one row.
 *
 * @param values one per label, sums to 1
 * @param best index of the highest; the first of equal ones
 */
@SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
record Scores(double[] values, int best) {
  Scores {
    requireNonNull(values, "values");
  }

  /** softmax(logits / temperature). */
  static Scores of(float[] logits, Manifest manifest) {
    double[] values = new double[logits.length];
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      values[i] = Math.exp((logits[i] - logits[best]) / manifest.temperature());
      sum += values[i];
    }
    for (int i = 0; i < values.length; i++) {
      values[i] /= sum;
    }
    return new Scores(values, best);
  }

  double bestValue() {
    return values[best];
  }

  /** Whether the bundle would rather not answer. */
  boolean abstains(Manifest manifest) {
    Double threshold = manifest.threshold();
    return threshold != null && bestValue() < threshold;
  }
}
