package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import io.sluice.registry.answer.Probabilities;
import io.sluice.registry.bundle.Manifest;
import java.util.BitSet;

/**
 * The probabilities of labels of which any may be right, for one row. Each is a decision: as
 * training has it, a label is said if it is more likely than not, and a decision of less confidence
 * than the bundle's threshold is none.
 *
 * @param values one per label, each by itself
 * @param said indices of the labels said
 * @param abstains whether some label is neither said nor denied
 */
@SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
record LabelScores(double[] values, BitSet said, boolean abstains) {
  LabelScores {
    requireNonNull(values, "values");
    requireNonNull(said, "said");
  }

  /** sigmoid(logits / temperature). */
  static LabelScores of(float[] logits, Manifest manifest) {
    Double stated = manifest.threshold();
    double threshold = stated == null ? 0 : stated;
    double[] values = new double[logits.length];
    BitSet said = new BitSet();
    boolean abstains = false;
    for (int i = 0; i < values.length; i++) {
      values[i] = Probabilities.sigmoid(logits[i] / manifest.temperature());
      boolean sure = Math.max(values[i], 1 - values[i]) >= threshold;
      said.set(i, logits[i] > 0 && sure);
      abstains |= !sure;
    }
    return new LabelScores(values, said, abstains);
  }
}
