package io.sluice.trainer.task;

import static java.util.Objects.requireNonNull;

import io.sluice.registry.answer.Decision;
import java.util.List;

/**
 * What a temperature and a threshold that are settled already are worth on other rows, which come
 * in parts. Confined to one thread.
 */
public final class ConfidenceSum {
  private final Decision decision;
  private long choices;
  private double lossBefore;
  private double lossAfter;
  private Reliability before = new Reliability(List.of());
  private Reliability after = new Reliability(List.of());
  private long answers;
  private long given;
  private double worth;

  public ConfidenceSum(Decision decision) {
    this.decision = requireNonNull(decision, "decision");
  }

  /**
   * Takes a part.
   *
   * @param judge of its examples
   * @param logits what the head says of each of its rows
   */
  public void add(Judge judge, float[][] logits) {
    List<Choice> made = judge.choices(logits);
    if (!made.isEmpty()) {
      choices += made.size();
      lossBefore += made.size() * Calibration.loss(made, 1);
      lossAfter += made.size() * Calibration.loss(made, 1 / decision.temperature());
    }
    before = before.and(Reliability.of(judge.answers(logits, 1)));
    List<Answer> said = judge.answers(logits, decision.temperature());
    after = after.and(Reliability.of(said));
    answers += said.size();
    Double threshold = decision.threshold();
    for (Answer one : said) {
      if (threshold == null || one.score() >= threshold) {
        given++;
        worth += one.worth();
      }
    }
  }

  /** Of all parts. */
  public Confidence confidence() {
    Calibration calibration =
        choices == 0
            ? Calibration.NONE
            : new Calibration(decision.temperature(), lossBefore / choices, lossAfter / choices);
    Abstention abstention =
        new Abstention(answers == 0 ? 0 : (double) given / answers, given == 0 ? 0 : worth / given);
    return new Confidence(calibration, before, after, decision.threshold(), abstention);
  }
}
