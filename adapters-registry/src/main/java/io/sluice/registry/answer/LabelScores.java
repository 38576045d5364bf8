package io.sluice.registry.answer;

import static java.util.Objects.requireNonNull;

import java.util.BitSet;

/**
 * The probabilities of labels of which any may be right, for one row. Each is a decision: as
 * training has it, a label is said if it is more likely than not, and a decision of less confidence
 * than the threshold is none.
 *
 * @param values one per label, each by itself
 * @param said indices of the labels said
 * @param abstains whether some label is neither said nor denied
 */
@SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
public record LabelScores(double[] values, BitSet said, boolean abstains) {
  public LabelScores {
    requireNonNull(values, "values");
    requireNonNull(said, "said");
  }

  /** sigmoid(logits / temperature). */
  public static LabelScores of(float[] logits, Decision decision) {
    double[] values = new double[logits.length];
    BitSet said = new BitSet();
    boolean abstains = false;
    for (int i = 0; i < values.length; i++) {
      values[i] = Probabilities.sigmoid(logits[i] / decision.temperature());
      boolean sure = decision.suffices(Math.max(values[i], 1 - values[i]));
      said.set(i, logits[i] > 0 && sure);
      abstains |= !sure;
    }
    return new LabelScores(values, said, abstains);
  }
}
