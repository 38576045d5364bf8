package io.sluice.trainer.metric;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.List;
import java.util.SortedMap;

/**
 * How the answers to some rows compare with the truth, in the terms of one kind of task. Immutable.
 */
public sealed interface Evaluation permits Confusion, LabelCounts, SpanOverlap, ValueFit {

  /** Examples that were answered, at least one. */
  long total();

  /** Every measure of its kind by the name bundles record it under; greater is better for most. */
  SortedMap<String, Double> measures();

  /**
   * Both as one, as if the other's examples had come behind these.
   *
   * @param other of the same kind of task, with the same labels
   */
  Evaluation and(Evaluation other);

  /** How each label fared, in the order of their numbers; none where answers are no labels. */
  default List<LabelTally> byLabel() {
    return List.of();
  }

  /** Labels answered for others, the most frequent first; none where several may be right. */
  default List<Mistake> mistakes() {
    return List.of();
  }

  /**
   * A wrong answer and how often it was given.
   *
   * @param truth number of the true label
   * @param answer number of the label answered
   * @param rows how often, at least once
   */
  record Mistake(int truth, int answer, long rows) {}

  /** The measure this kind of task is usually judged by. */
  Metric primary();

  /**
   * One measure.
   *
   * @throws SluiceException {@code INVALID_ARGUMENT} if this kind of task does not have it
   */
  default double of(Metric metric) {
    Double value = measures().get(metric.code());
    if (value == null) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "metric: "
              + metric.code()
              + " (expected: a measure of this kind of task, one of "
              + String.join(", ", Metric.among(measures().keySet()))
              + ")");
    }
    return value;
  }
}
