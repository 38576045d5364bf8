package io.sluice.trainer.metric;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** How often each label was answered for each true label. Immutable. */
public final class Confusion implements Evaluation {
  private final long[][] counts;
  private final long total;

  private Confusion(long[][] counts, long total) {
    this.counts = counts;
    this.total = total;
  }

  /**
   * Counts answers.
   *
   * @param truth number of the true label of each row
   * @param answers number of the label answered for each row
   * @param labels how many labels there are
   */
  public static Confusion of(int[] truth, int[] answers, int labels) {
    if (truth.length != answers.length || truth.length == 0) {
      throw new IllegalArgumentException(
          "answers: " + answers.length + " (expected: " + truth.length + ", >= 1)");
    }
    long[][] counts = new long[labels][labels];
    for (int i = 0; i < truth.length; i++) {
      counts[truth[i]][answers[i]]++;
    }
    return new Confusion(counts, truth.length);
  }

  @Override
  public Confusion and(Evaluation other) {
    if (!(other instanceof Confusion more) || more.labels() != labels()) {
      throw new IllegalArgumentException(
          "other: " + other + " (expected: of " + labels() + " labels)");
    }
    long[][] sums = new long[counts.length][counts.length];
    for (int truth = 0; truth < counts.length; truth++) {
      for (int answer = 0; answer < counts.length; answer++) {
        sums[truth][answer] = counts[truth][answer] + more.counts[truth][answer];
      }
    }
    return new Confusion(sums, total + more.total);
  }

  /** The label of the greatest logit of each row; the first of equals. */
  public static int[] answers(float[][] logits) {
    int[] answers = new int[logits.length];
    for (int row = 0; row < logits.length; row++) {
      for (int label = 1; label < logits[row].length; label++) {
        if (logits[row][label] > logits[row][answers[row]]) {
          answers[row] = label;
        }
      }
    }
    return answers;
  }

  /** Rows of that true label that got that answer. */
  public long count(int truth, int answer) {
    return counts[truth][answer];
  }

  /** How many labels there are. */
  public int labels() {
    return counts.length;
  }

  @Override
  public long total() {
    return total;
  }

  @Override
  public Metric primary() {
    return Metric.ACCURACY;
  }

  public double accuracy() {
    long right = 0;
    for (int label = 0; label < counts.length; label++) {
      right += counts[label][label];
    }
    return (double) right / total;
  }

  /** Mean over the labels of 2 TP / (2 TP + FP + FN); 0 for a label neither true nor answered. */
  public double macroF1() {
    double sum = 0;
    for (LabelTally label : byLabel()) {
      sum += label.f1();
    }
    return sum / counts.length;
  }

  /** Matthews' correlation for any number of labels (Gorodkin 2004); 0 where it is not defined. */
  public double matthews() {
    double right = accuracy() * total;
    double truthSquares = 0;
    double answerSquares = 0;
    double product = 0;
    for (int label = 0; label < counts.length; label++) {
      double t = rowSum(label);
      double a = columnSum(label);
      truthSquares += t * t;
      answerSquares += a * a;
      product += t * a;
    }
    double square = (double) total * total;
    double scale = Math.sqrt((square - answerSquares) * (square - truthSquares));
    return scale == 0 ? 0 : (right * total - product) / scale;
  }

  @Override
  public List<LabelTally> byLabel() {
    List<LabelTally> tallies = new ArrayList<>(counts.length);
    for (int label = 0; label < counts.length; label++) {
      long hits = counts[label][label];
      tallies.add(new LabelTally(hits, columnSum(label) - hits, rowSum(label) - hits));
    }
    return tallies;
  }

  /** Of equally frequent ones those of the first label first. */
  @Override
  public List<Mistake> mistakes() {
    List<Mistake> mistakes = new ArrayList<>();
    for (int truth = 0; truth < counts.length; truth++) {
      for (int answer = 0; answer < counts.length; answer++) {
        if (truth != answer && counts[truth][answer] > 0) {
          mistakes.add(new Mistake(truth, answer, counts[truth][answer]));
        }
      }
    }
    mistakes.sort(Comparator.comparingLong(Mistake::rows).reversed());
    return mistakes;
  }

  @Override
  public SortedMap<String, Double> measures() {
    SortedMap<String, Double> measures = new TreeMap<>();
    measures.put(Metric.ACCURACY.code(), accuracy());
    measures.put(Metric.MACRO_F1.code(), macroF1());
    measures.put(Metric.MATTHEWS.code(), matthews());
    if (counts.length == 2) {
      measures.put(Metric.F1.code(), byLabel().get(1).f1());
    }
    return measures;
  }

  private long rowSum(int label) {
    long sum = 0;
    for (long count : counts[label]) {
      sum += count;
    }
    return sum;
  }

  private long columnSum(int label) {
    long sum = 0;
    for (long[] row : counts) {
      sum += row[label];
    }
    return sum;
  }
}
