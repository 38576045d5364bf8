package io.sluice.trainer.task;

import java.util.Comparator;
import java.util.List;

/**
 * What becomes of answers if those below a threshold are not given.
 *
 * @param coverage share of examples that are answered
 * @param worth mean worth of the answers given; 0 if none is
 */
public record Abstention(double coverage, double worth) {

  /** The effect of a threshold: answers of a lower score are left out. */
  public static Abstention at(double threshold, List<Answer> answers) {
    List<Answer> given = answers.stream().filter(one -> one.score() >= threshold).toList();
    return new Abstention(
        answers.isEmpty() ? 0 : (double) given.size() / answers.size(),
        given.stream().mapToDouble(Answer::worth).average().orElse(0));
  }

  /**
   * The threshold under which answers, and silence where there is no answer to be given, are worth
   * most in all; 0 if all answers should be given. It lies midway between the scores it separates.
   */
  public static double bestThreshold(List<Answer> answers) {
    List<Answer> sorted =
        answers.stream().sorted(Comparator.comparingDouble(Answer::score).reversed()).toList();
    double worth = sorted.stream().mapToDouble(Answer::silence).sum();
    double best = worth;
    double threshold = 1;
    for (int i = 0; i < sorted.size(); i++) {
      worth += sorted.get(i).worth() - sorted.get(i).silence();
      boolean last = i + 1 == sorted.size();
      double next = last ? 0 : sorted.get(i + 1).score();
      boolean separable = last || next < sorted.get(i).score();
      // Of equal worths the lower threshold: a needless silence helps nobody.
      if (separable && worth >= best) {
        best = worth;
        threshold = last ? 0 : (sorted.get(i).score() + next) / 2;
      }
    }
    return threshold;
  }
}
