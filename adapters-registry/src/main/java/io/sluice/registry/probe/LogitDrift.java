package io.sluice.registry.probe;

import io.sluice.registry.bundle.TaskKind;
import java.util.List;

/**
 * How far logits have drifted from those expected, as a share of how far those are spread: the root
 * of the squared differences over that of the squared expected logits, both without what no answer
 * depends on. For a softmax that is the mean of what it is taken over, for a number the mean of all
 * rows; a sigmoid depends on all of it. Stateless.
 */
public final class LogitDrift {
  /**
   * The most that counts as the same answer where a backbone rounds to 8 bits. A difference in the
   * last digit of a float may be rounded to the next integer, and the layers above make more of it,
   * so two engines differ by about as much as each differs from the backbone in full. Seen with two
   * real bundles: 0.03 and 0.06.
   */
  public static final double ROUNDED = 0.25;

  private LogitDrift() {}

  /**
   * The drift of some rows.
   *
   * @param found per row as many logits as expected, or the drift is infinite
   */
  public static double of(TaskKind kind, List<float[]> found, List<float[]> expected) {
    double error = 0;
    double spread = 0;
    double level = kind == TaskKind.REGRESS ? meanOfAll(expected) : 0;
    for (int row = 0; row < found.size(); row++) {
      float[] a = found.get(row);
      float[] b = expected.get(row);
      if (a.length != b.length) {
        return Double.POSITIVE_INFINITY;
      }
      int part = kind == TaskKind.ANSWER_SPAN ? b.length / 2 : b.length;
      for (int from = 0; from < b.length; from += part) {
        double offA = isSoftmax(kind) ? mean(a, from, part) : 0;
        double offB = isSoftmax(kind) ? mean(b, from, part) : 0;
        for (int i = from; i < from + part; i++) {
          error += Math.pow(a[i] - offA - (b[i] - offB), 2);
          spread += Math.pow(b[i] - offB - level, 2);
        }
      }
    }
    return Math.sqrt(error / spread);
  }

  private static boolean isSoftmax(TaskKind kind) {
    return kind != TaskKind.MULTI_LABEL && kind != TaskKind.REGRESS;
  }

  private static double meanOfAll(List<float[]> rows) {
    return rows.stream().mapToDouble(row -> row[0]).average().orElse(0);
  }

  private static double mean(float[] values, int from, int count) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += values[i];
    }
    return sum / count;
  }
}
