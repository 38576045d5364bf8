package io.sluice.trainer.task;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the probabilities of a trained task are worth, settled on the dev rows, measured there or on
 * others.
 *
 * @param calibration the temperature
 * @param before how often answers of some confidence are right at temperature 1
 * @param after the same at the calibrated temperature
 * @param threshold a best score below it is no answer; {@code null}: always answer
 * @param abstention what that threshold does
 */
public record Confidence(
    Calibration calibration,
    Reliability before,
    Reliability after,
    @Nullable Double threshold,
    Abstention abstention) {

  /**
   * Settles temperature and threshold.
   *
   * @param logits of the dev rows
   * @param stated the threshold the user wants; {@code null}: one only if some examples have no
   *     answer, and then the best
   */
  public static Confidence of(Judge judge, float[][] logits, @Nullable Double stated) {
    Calibration calibration = Calibration.fit(judge.choices(logits));
    Double threshold = stated;
    if (threshold == null && judge.silent()) {
      threshold = Abstention.bestThreshold(judge.answers(logits, calibration.temperature()));
    }
    return of(judge, logits, calibration, threshold);
  }

  private static Confidence of(
      Judge judge, float[][] logits, Calibration calibration, @Nullable Double threshold) {
    List<Answer> answers = judge.answers(logits, calibration.temperature());
    return new Confidence(
        calibration,
        Reliability.of(judge.answers(logits, 1)),
        Reliability.of(answers),
        threshold,
        Abstention.at(threshold == null ? 0 : threshold, answers));
  }

  /** Its figures by name, as bundles record them; none where answers come without a probability. */
  public SortedMap<String, Double> measures() {
    SortedMap<String, Double> measures = new TreeMap<>();
    if (!after.bins().isEmpty()) {
      measures.put("negative_log_likelihood", calibration.lossAfter());
      measures.put("negative_log_likelihood_uncalibrated", calibration.lossBefore());
      measures.put("calibration_error", after.error());
      measures.put("calibration_error_uncalibrated", before.error());
    }
    if (threshold != null) {
      measures.put("coverage", abstention.coverage());
      measures.put("worth_when_answered", abstention.worth());
    }
    return measures;
  }
}
