package io.sluice.trainer.task;

import java.util.Arrays;

/**
 * One softmax decision and what would have been right: what a temperature is settled on.
 *
 * @param logits of the options, two or more; not copied, read only
 * @param right number of the right one
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
public record Choice(float[] logits, int right) {
  /** A decision among a part of an array. */
  static Choice of(float[] logits, int from, int to, int right) {
    return new Choice(Arrays.copyOfRange(logits, from, to), right);
  }

  /** The decision of a sigmoid: yes or no. */
  static Choice of(float logit, boolean yes) {
    return new Choice(new float[] {0, logit}, yes ? 1 : 0);
  }
}
