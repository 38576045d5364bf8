package io.sluice.registry.answer;

import static java.util.Objects.requireNonNull;

/**
 * The probabilities of labels of which one is right, for one row.
 *
 * @param values one per label, sums to 1
 * @param best index of the highest; the first of equal ones
 * @param abstains whether the bundle would rather not answer
 */
@SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
public record ClassScores(double[] values, int best, boolean abstains) {
  public ClassScores {
    requireNonNull(values, "values");
  }

  /** softmax(logits / temperature). */
  public static ClassScores of(float[] logits, Decision decision) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    double[] values = Probabilities.softmax(logits, decision.temperature());
    return new ClassScores(values, best, !decision.suffices(values[best]));
  }

  public double bestValue() {
    return values[best];
  }
}
