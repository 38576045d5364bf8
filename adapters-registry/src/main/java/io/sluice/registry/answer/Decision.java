package io.sluice.registry.answer;

import org.jspecify.annotations.Nullable;

/**
 * How logits become an answer, or none.
 *
 * @param temperature logits are divided by it before softmax or sigmoid, &gt; 0
 * @param threshold a best score below it is no answer; {@code null}: always answer
 */
public record Decision(double temperature, @Nullable Double threshold) {
  /** Logits as they are, always an answer. */
  public static final Decision PLAIN = new Decision(1, null);

  /** Whether a score is enough to answer. */
  public boolean suffices(double score) {
    return threshold == null || score >= threshold;
  }
}
