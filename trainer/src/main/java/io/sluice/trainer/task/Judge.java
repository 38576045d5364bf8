package io.sluice.trainer.task;

import io.sluice.registry.answer.Decision;
import io.sluice.trainer.metric.Evaluation;
import java.util.List;

/**
 * Knows what is right about some examples, and so what logits of their rows are worth. Immutable.
 */
public interface Judge {
  /**
   * Compares answers with the truth.
   *
   * @param logits what the head says of each row
   */
  Evaluation evaluate(float[][] logits);

  /**
   * Compares with the truth what a server makes of the logits: where saying nothing is an answer
   * too, an unsure answer is none.
   */
  default Evaluation evaluate(float[][] logits, Decision decision) {
    return evaluate(logits);
  }

  /** What a server says to each example. */
  List<Reply> replies(float[][] logits, Decision decision);

  /** Mean loss of the rows: in nats, or in squares of the values' deviation. */
  default double loss(float[][] logits) {
    return Calibration.loss(choices(logits), 1);
  }

  /**
   * How sure the model is of each answer, and whether it should be; none where answers come without
   * a probability.
   *
   * @param temperature logits are divided by it
   */
  List<Answer> answers(float[][] logits, double temperature);

  /**
   * The decisions behind the answers: what a temperature is settled on; none where answers come
   * without a probability.
   */
  List<Choice> choices(float[][] logits);

  /** Whether some examples have no answer. */
  default boolean silent() {
    return false;
  }
}
