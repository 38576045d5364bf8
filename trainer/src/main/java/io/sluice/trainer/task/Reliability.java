package io.sluice.trainer.task;

import java.util.ArrayList;
import java.util.List;

/**
 * How often answers of some confidence are right: a reliability diagram.
 *
 * @param bins of equal width from 0 to 1, in order; empty where answers come without a probability
 */
public record Reliability(List<Bin> bins) {
  private static final int BINS = 15;

  public Reliability {
    bins = List.copyOf(bins);
  }

  /**
   * Answers whose scores lie close together.
   *
   * @param count how many
   * @param meanScore mean probability the model gives them; 0 if there are none
   * @param meanWorth mean of what they are worth; 0 if there are none
   */
  public record Bin(long count, double meanScore, double meanWorth) {
    Bin and(Bin other) {
      double sum = Math.max(1, count + other.count);
      return new Bin(
          count + other.count,
          (count * meanScore + other.count * other.meanScore) / sum,
          (count * meanWorth + other.count * other.meanWorth) / sum);
    }
  }

  /** Sorts answers into bins. */
  public static Reliability of(List<Answer> answers) {
    if (answers.isEmpty()) {
      return new Reliability(List.of());
    }
    long[] counts = new long[BINS];
    double[] scores = new double[BINS];
    double[] worth = new double[BINS];
    for (Answer answer : answers) {
      int bin = Math.min(BINS - 1, (int) (answer.score() * BINS));
      counts[bin]++;
      scores[bin] += answer.score();
      worth[bin] += answer.worth();
    }
    List<Bin> bins = new ArrayList<>();
    for (int bin = 0; bin < BINS; bin++) {
      double count = Math.max(1, counts[bin]);
      bins.add(new Bin(counts[bin], scores[bin] / count, worth[bin] / count));
    }
    return new Reliability(bins);
  }

  /** Both as one; one of no bins adds nothing. */
  public Reliability and(Reliability other) {
    if (bins.isEmpty() || other.bins.isEmpty()) {
      return bins.isEmpty() ? other : this;
    }
    List<Bin> sums = new ArrayList<>();
    for (int bin = 0; bin < bins.size(); bin++) {
      sums.add(bins.get(bin).and(other.bins.get(bin)));
    }
    return new Reliability(sums);
  }

  /** Expected calibration error: mean over the answers of |score - worth| of their bin. */
  public double error() {
    double error = 0;
    long total = 0;
    for (Bin bin : bins) {
      error += bin.count * Math.abs(bin.meanScore - bin.meanWorth);
      total += bin.count;
    }
    return total == 0 ? 0 : error / total;
  }
}
