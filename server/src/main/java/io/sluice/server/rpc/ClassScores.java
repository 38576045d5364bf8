package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import io.sluice.registry.answer.Probabilities;
import io.sluice.registry.bundle.Manifest;

/**
 * The probabilities of labels of which one is right, for one row.
 *
 * @param values one per label, sums to 1
 * @param best index of the highest; the first of equal ones
 */
@SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
record ClassScores(double[] values, int best) {
  ClassScores {
    requireNonNull(values, "values");
  }

  /** softmax(logits / temperature). */
  static ClassScores of(float[] logits, Manifest manifest) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return new ClassScores(Probabilities.softmax(logits, manifest.temperature()), best);
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
