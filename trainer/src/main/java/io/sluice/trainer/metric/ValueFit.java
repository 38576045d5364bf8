package io.sluice.trainer.metric;

import java.util.Arrays;
import java.util.Comparator;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** How answered values follow true ones. Immutable. */
public final class ValueFit implements Evaluation {
  private final double pearson;
  private final double spearman;
  private final double meanSquaredError;
  private final double meanAbsoluteError;
  private final long total;

  private ValueFit(double[] truth, double[] answers) {
    pearson = correlation(truth, answers);
    spearman = correlation(ranks(truth), ranks(answers));
    double squares = 0;
    double distances = 0;
    for (int i = 0; i < truth.length; i++) {
      double error = answers[i] - truth[i];
      squares += error * error;
      distances += Math.abs(error);
    }
    total = truth.length;
    meanSquaredError = squares / truth.length;
    meanAbsoluteError = distances / truth.length;
  }

  /** Compares answers with the truth, row by row. */
  public static ValueFit of(double[] truth, double[] answers) {
    if (truth.length != answers.length || truth.length == 0) {
      throw new IllegalArgumentException(
          "answers: " + answers.length + " (expected: " + truth.length + ", >= 1)");
    }
    return new ValueFit(truth, answers);
  }

  @Override
  public long total() {
    return total;
  }

  @Override
  public Metric primary() {
    return Metric.PEARSON;
  }

  /** Linear correlation; 0 where one side does not vary. */
  public double pearson() {
    return pearson;
  }

  /**
   * Linear correlation of ranks, equals sharing their mean rank; 0 where one side does not vary.
   */
  public double spearman() {
    return spearman;
  }

  public double meanSquaredError() {
    return meanSquaredError;
  }

  public double meanAbsoluteError() {
    return meanAbsoluteError;
  }

  @Override
  public SortedMap<String, Double> measures() {
    SortedMap<String, Double> measures = new TreeMap<>();
    measures.put(Metric.PEARSON.code(), pearson);
    measures.put(Metric.SPEARMAN.code(), spearman);
    measures.put("mean_squared_error", meanSquaredError);
    measures.put("mean_absolute_error", meanAbsoluteError);
    return measures;
  }

  private static double correlation(double[] x, double[] y) {
    double meanX = Arrays.stream(x).average().orElseThrow();
    double meanY = Arrays.stream(y).average().orElseThrow();
    double xx = 0;
    double yy = 0;
    double xy = 0;
    for (int i = 0; i < x.length; i++) {
      xx += (x[i] - meanX) * (x[i] - meanX);
      yy += (y[i] - meanY) * (y[i] - meanY);
      xy += (x[i] - meanX) * (y[i] - meanY);
    }
    return xx == 0 || yy == 0 ? 0 : xy / Math.sqrt(xx) / Math.sqrt(yy);
  }

  private static double[] ranks(double[] values) {
    int[] order =
        IntStream.range(0, values.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> values[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] ranks = new double[values.length];
    int from = 0;
    while (from < order.length) {
      int to = from;
      while (to < order.length && values[order[to]] == values[order[from]]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        ranks[order[i]] = (from + 1 + to) / 2.0;
      }
      from = to;
    }
    return ranks;
  }
}
