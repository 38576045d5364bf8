package io.sluice.trainer.diagnosis;

import io.sluice.trainer.history.Phase;
import io.sluice.trainer.history.RunHistory;
import io.sluice.trainer.history.StepSpan;
import java.util.Arrays;
import java.util.List;

/** Figures over the training loss of one stage of a run. */
final class Curve {
  private Curve() {}

  /** The losses of a stage, in order; one value a span. */
  static double[] losses(RunHistory history, Phase phase) {
    return history.spans(phase).stream().mapToDouble(StepSpan::loss).toArray();
  }

  /** Mean over the last share of some values; NaN of none. */
  static double meanOfLast(double[] values, double share) {
    int count = Math.max(1, (int) Math.round(values.length * share));
    return values.length == 0
        ? Double.NaN
        : Arrays.stream(values, values.length - count, values.length).average().orElseThrow();
  }

  /** Mean over the first share of some values; NaN of none. */
  static double meanOfFirst(double[] values, double share) {
    int count = Math.max(1, (int) Math.round(values.length * share));
    return values.length == 0
        ? Double.NaN
        : Arrays.stream(values, 0, count).average().orElseThrow();
  }

  /** The running mean over {@code width} values; as many as there are whole windows. */
  static double[] smoothed(double[] values, int width) {
    if (values.length < width) {
      return new double[0];
    }
    double[] smooth = new double[values.length - width + 1];
    for (int i = 0; i < smooth.length; i++) {
      smooth[i] = Arrays.stream(values, i, i + width).average().orElseThrow();
    }
    return smooth;
  }

  /** The middle of some values; NaN of none. */
  static double median(double[] values) {
    if (values.length == 0) {
      return Double.NaN;
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** The losses of the first and of the last stage of training, where each exists. */
  static boolean fell(RunHistory history, double factor) {
    List<StepSpan> spans = history.spans();
    double[] all = spans.stream().mapToDouble(StepSpan::loss).toArray();
    return meanOfLast(all, 0.1) < factor * meanOfFirst(all, 0.1);
  }
}
