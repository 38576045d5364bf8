package io.sluice.registry.bundle;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a task answers, and with it the outputs its head has and the labels it needs. */
public enum TaskKind {
  /** Exactly one of several labels; {@code logits} (batch, labels), softmax. */
  @JsonProperty("classify")
  CLASSIFY(1, Integer.MAX_VALUE, 2),

  /** Any subset of the labels; {@code logits} (batch, labels), a sigmoid each. */
  @JsonProperty("multi_label")
  MULTI_LABEL(1, Integer.MAX_VALUE, 1),

  /** One number; {@code logits} (batch, 1), used as it is. The one label names the quantity. */
  @JsonProperty("regress")
  REGRESS(1, 1, 1),

  /** Yes or no about a text pair; {@code logits} (batch, 2), softmax. */
  @JsonProperty("answer_boolean")
  ANSWER_BOOLEAN(1, 2, 2),

  /** A span of the text; {@code start_logits}, {@code end_logits} (batch, seq). No labels. */
  @JsonProperty("answer_span")
  ANSWER_SPAN(2, 0, 0);

  private final int headOutputs;
  private final int mostLabels;
  private final int fewestLabels;

  TaskKind(int headOutputs, int mostLabels, int fewestLabels) {
    this.headOutputs = headOutputs;
    this.mostLabels = mostLabels;
    this.fewestLabels = fewestLabels;
  }

  /** Number of tensors the head returns: 1, or 2 for a span. */
  public int headOutputs() {
    return headOutputs;
  }

  /** Whether the head answers per token and not per row. */
  public boolean answersPerToken() {
    return this == ANSWER_SPAN;
  }

  void requireLabelCount(int labels) {
    if (labels < fewestLabels || labels > mostLabels) {
      String expected =
          mostLabels == Integer.MAX_VALUE
              ? "at least " + fewestLabels
              : fewestLabels == mostLabels
                  ? String.valueOf(fewestLabels)
                  : fewestLabels + ".." + mostLabels;
      throw new IllegalArgumentException(
          "labels: " + labels + " of them (expected: " + expected + " for " + this + ")");
    }
  }
}
