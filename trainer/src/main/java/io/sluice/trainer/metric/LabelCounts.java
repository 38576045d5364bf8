package io.sluice.trainer.metric;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How often each label of a multi-label task was given rightly, wrongly or not at all. Immutable.
 */
public final class LabelCounts implements Evaluation {
  private final List<LabelTally> tallies;
  private final long exact;
  private final long total;

  private LabelCounts(List<LabelTally> tallies, long exact, long total) {
    this.tallies = List.copyOf(tallies);
    this.exact = exact;
    this.total = total;
  }

  /**
   * Counts answers.
   *
   * @param truth numbers of the true labels of each row
   * @param answers numbers of the labels answered for each row
   * @param labels how many labels there are
   */
  public static LabelCounts of(List<BitSet> truth, List<BitSet> answers, int labels) {
    if (truth.size() != answers.size() || truth.isEmpty()) {
      throw new IllegalArgumentException(
          "answers: " + answers.size() + " (expected: " + truth.size() + ", >= 1)");
    }
    long exact = 0;
    for (int row = 0; row < truth.size(); row++) {
      exact += truth.get(row).equals(answers.get(row)) ? 1 : 0;
    }
    List<LabelTally> tallies = new ArrayList<>(labels);
    for (int label = 0; label < labels; label++) {
      tallies.add(tally(truth, answers, label));
    }
    return new LabelCounts(tallies, exact, truth.size());
  }

  private static LabelTally tally(List<BitSet> truth, List<BitSet> answers, int label) {
    long hits = 0;
    long falseAlarms = 0;
    long misses = 0;
    for (int row = 0; row < truth.size(); row++) {
      boolean wanted = truth.get(row).get(label);
      boolean given = answers.get(row).get(label);
      hits += wanted && given ? 1 : 0;
      falseAlarms += !wanted && given ? 1 : 0;
      misses += wanted && !given ? 1 : 0;
    }
    return new LabelTally(hits, falseAlarms, misses);
  }

  @Override
  public LabelCounts and(Evaluation other) {
    if (!(other instanceof LabelCounts more) || more.tallies.size() != tallies.size()) {
      throw new IllegalArgumentException(
          "other: " + other + " (expected: of " + tallies.size() + " labels)");
    }
    List<LabelTally> sums = new ArrayList<>(tallies.size());
    for (int label = 0; label < tallies.size(); label++) {
      sums.add(tallies.get(label).and(more.tallies.get(label)));
    }
    return new LabelCounts(sums, exact + more.exact, total + more.total);
  }

  @Override
  public List<LabelTally> byLabel() {
    return tallies;
  }

  @Override
  public long total() {
    return total;
  }

  @Override
  public Metric primary() {
    return Metric.MICRO_F1;
  }

  /** 2 TP / (2 TP + FP + FN) over all decisions; 0 where nothing is true or answered. */
  public double microF1() {
    LabelTally all =
        new LabelTally(
            tallies.stream().mapToLong(LabelTally::hits).sum(),
            tallies.stream().mapToLong(LabelTally::falseAlarms).sum(),
            tallies.stream().mapToLong(LabelTally::misses).sum());
    return all.f1();
  }

  /** Mean over the labels of each one's F1. */
  public double macroF1() {
    double sum = 0;
    for (LabelTally label : tallies) {
      sum += label.f1();
    }
    return sum / tallies.size();
  }

  /** Share of rows whose labels are all right and all there. */
  public double exactMatch() {
    return (double) exact / total;
  }

  @Override
  public SortedMap<String, Double> measures() {
    SortedMap<String, Double> measures = new TreeMap<>();
    measures.put(Metric.EXACT_MATCH.code(), exactMatch());
    measures.put(Metric.MACRO_F1.code(), macroF1());
    measures.put(Metric.MICRO_F1.code(), microF1());
    return measures;
  }
}
