package io.sluice.trainer.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** How answered values follow true ones. Immutable. */
public final class ValueFit implements Evaluation {
  private final List<double[]> truth;
  private final List<double[]> answers;

  /** What they come to, when it was asked for: ranks are of all values together. */
  private @Nullable Figures figures;

  private ValueFit(List<double[]> truth, List<double[]> answers) {
    this.truth = List.copyOf(truth);
    this.answers = List.copyOf(answers);
  }

  private record Figures(double pearson, double spearman, double squared, double absolute) {
    static Figures of(double[] truth, double[] answers) {
      double squares = 0;
      double distances = 0;
      for (int i = 0; i < truth.length; i++) {
        double error = answers[i] - truth[i];
        squares += error * error;
        distances += Math.abs(error);
      }
      return new Figures(
          correlation(truth, answers),
          correlation(ranks(truth), ranks(answers)),
          squares / truth.length,
          distances / truth.length);
    }
  }

  /** Compares answers with the truth, row by row. */
  public static ValueFit of(double[] truth, double[] answers) {
    if (truth.length != answers.length || truth.length == 0) {
      throw new IllegalArgumentException(
          "answers: " + answers.length + " (expected: " + truth.length + ", >= 1)");
    }
    return new ValueFit(List.of(truth.clone()), List.of(answers.clone()));
  }

  @Override
  public ValueFit and(Evaluation other) {
    if (!(other instanceof ValueFit more)) {
      throw new IllegalArgumentException("other: " + other + " (expected: of values)");
    }
    return new ValueFit(joined(truth, more.truth), joined(answers, more.answers));
  }

  private static List<double[]> joined(List<double[]> some, List<double[]> more) {
    List<double[]> all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }

  @Override
  public long total() {
    return truth.stream().mapToLong(part -> part.length).sum();
  }

  @Override
  public Metric primary() {
    return Metric.PEARSON;
  }

  /** Linear correlation; 0 where one side does not vary. */
  public double pearson() {
    return figures().pearson;
  }

  /**
   * Linear correlation of ranks, equals sharing their mean rank; 0 where one side does not vary.
   */
  public double spearman() {
    return figures().spearman;
  }

  public double meanSquaredError() {
    return figures().squared;
  }

  public double meanAbsoluteError() {
    return figures().absolute;
  }

  @Override
  public SortedMap<String, Double> measures() {
    SortedMap<String, Double> measures = new TreeMap<>();
    measures.put(Metric.PEARSON.code(), pearson());
    measures.put(Metric.SPEARMAN.code(), spearman());
    measures.put("mean_squared_error", meanSquaredError());
    measures.put("mean_absolute_error", meanAbsoluteError());
    return measures;
  }

  private Figures figures() {
    Figures known = figures;
    if (known == null) {
      known = Figures.of(flat(truth), flat(answers));
      figures = known;
    }
    return known;
  }

  private static double[] flat(List<double[]> parts) {
    return parts.stream().flatMapToDouble(Arrays::stream).toArray();
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
