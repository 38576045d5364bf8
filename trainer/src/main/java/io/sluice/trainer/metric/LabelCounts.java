package io.sluice.trainer.metric;

import java.util.BitSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How often each label of a multi-label task was given rightly, wrongly or not at all. Immutable.
 */
public final class LabelCounts implements Evaluation {
  private final long[] hits;
  private final long[] falseAlarms;
  private final long[] misses;
  private final long exact;
  private final long total;

  private LabelCounts(int labels, long exact, long total) {
    hits = new long[labels];
    falseAlarms = new long[labels];
    misses = new long[labels];
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
    LabelCounts counts = new LabelCounts(labels, exact, truth.size());
    for (int row = 0; row < truth.size(); row++) {
      for (int label = 0; label < labels; label++) {
        boolean wanted = truth.get(row).get(label);
        boolean given = answers.get(row).get(label);
        counts.hits[label] += wanted && given ? 1 : 0;
        counts.falseAlarms[label] += !wanted && given ? 1 : 0;
        counts.misses[label] += wanted && !given ? 1 : 0;
      }
    }
    return counts;
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
    long hit = 0;
    long wrong = 0;
    for (int label = 0; label < hits.length; label++) {
      hit += hits[label];
      wrong += falseAlarms[label] + misses[label];
    }
    return f1(hit, wrong);
  }

  /** Mean over the labels of each one's F1. */
  public double macroF1() {
    double sum = 0;
    for (int label = 0; label < hits.length; label++) {
      sum += f1(hits[label], falseAlarms[label] + misses[label]);
    }
    return sum / hits.length;
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

  private static double f1(long hit, long wrong) {
    return hit + wrong == 0 ? 0 : 2.0 * hit / (2.0 * hit + wrong);
  }
}
