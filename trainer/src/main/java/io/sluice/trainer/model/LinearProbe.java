package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.metric.Confusion;
import io.sluice.trainer.metric.Metric;
import io.sluice.trainer.optim.AdamW;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The best linear map from the untouched backbone's features to labels: what a task gets without
 * any adapter. Softmax regression on standardised features, all rows at each step, stopped where
 * the dev rows are answered best. Immutable.
 *
 * <p>On the way to it lies the map that is least surprised by the dev rows. There the head of a run
 * starts: the map of most right answers may be so sure of itself that nothing is left to learn.
 */
public final class LinearProbe {
  private static final int STEPS = 300;
  private static final int EVALUATED_EVERY = 5;
  private static final double RATE = 0.02;
  private static final double DECAY = 0.1;

  private final float[] headStart;
  private final Confusion dev;

  private LinearProbe(float[] headStart, Confusion dev) {
    this.headStart = headStart;
    this.dev = dev;
  }

  /**
   * The map of least dev loss, for features as they are: weights (width, labels), row-major, then
   * bias (labels).
   */
  public float[] headStart() {
    return headStart.clone();
  }

  /** Its answers on the dev rows. */
  public Confusion dev() {
    return dev;
  }

  /**
   * Features of some rows and their labels.
   *
   * @param features (rows, width)
   * @param labels number of each row's label
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  public record Rows(float[][] features, int[] labels) {}

  /** Fits a probe on the train rows. */
  public static LinearProbe fit(
      OnnxRuntime runtime, Rows train, Rows dev, int labels, Metric metric) {
    Standardisation scale = Standardisation.of(train.features);
    int width = train.features[0].length;
    try (SoftmaxRegression regression = new SoftmaxRegression(runtime, width, labels);
        HostTensor trainX = scale.tensor(runtime, train.features);
        HostTensor trainY = regression.targets(train.labels);
        HostTensor devX = scale.tensor(runtime, dev.features);
        HostTensor devY = regression.targets(dev.labels)) {
      float[] map = new float[(width + 1) * labels];
      float[] gradient = new float[map.length];
      AdamW adam = adam(width, labels);
      Best best = new Best(map.clone(), Math.log(labels), null);
      for (int step = 1; step <= STEPS; step++) {
        regression.gradient(trainX, trainY, map, gradient);
        adam.update(map, gradient, RATE * (STEPS - step + 1) / STEPS);
        if (step % EVALUATED_EVERY == 0) {
          best = best.or(map, regression.logits(devX, devY, map), dev.labels, metric);
        }
      }
      scale.undo(best.map, labels);
      return new LinearProbe(best.map, requireNonNull(best.dev, "dev"));
    }
  }

  /** The map of least dev loss so far, and the best answers so far, which may be another map's. */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  private record Best(float[] map, double loss, @Nullable Confusion dev) {

    Best or(float[] other, float[][] logits, int[] truth, Metric metric) {
      double otherLoss = loss(logits, truth);
      Confusion answers = Confusion.of(truth, Confusion.answers(logits), logits[0].length);
      boolean better = dev == null || metric.of(answers) > metric.of(dev);
      return new Best(
          otherLoss < loss ? other.clone() : map,
          Math.min(otherLoss, loss),
          better ? answers : dev);
    }

    private static double loss(float[][] logits, int[] truth) {
      double loss = 0;
      for (int row = 0; row < logits.length; row++) {
        double sum = 0;
        for (float logit : logits[row]) {
          sum += Math.exp((double) logit - logits[row][truth[row]]);
        }
        loss += Math.log(sum) / logits.length;
      }
      return loss;
    }
  }

  private static AdamW adam(int width, int labels) {
    float[] scales = new float[(width + 1) * labels];
    Arrays.fill(scales, 1);
    boolean[] decayed = new boolean[scales.length];
    Arrays.fill(decayed, 0, width * labels, true);
    return new AdamW(AdamW.Settings.withDecay(DECAY), scales, decayed);
  }
}
