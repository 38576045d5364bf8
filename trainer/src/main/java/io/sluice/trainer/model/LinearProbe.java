package io.sluice.trainer.model;

import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.metric.Confusion;
import io.sluice.trainer.metric.Metric;
import io.sluice.trainer.optim.AdamW;
import java.util.Arrays;

/**
 * The best linear map from the untouched backbone's features to labels: what a task gets without
 * any adapter, and where the head of a run starts. Softmax regression on standardised features, all
 * rows at each step, stopped where the dev rows are answered best. Immutable.
 */
public final class LinearProbe {
  private static final int STEPS = 300;
  private static final int EVALUATED_EVERY = 10;
  private static final double RATE = 0.02;
  private static final double DECAY = 0.1;

  private final float[] map;
  private final Confusion dev;

  private LinearProbe(float[] map, Confusion dev) {
    this.map = map;
    this.dev = dev;
  }

  /** Weights (width, labels), row-major, then bias (labels), for features as they are. */
  public float[] map() {
    return map.clone();
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
      float[] best = map;
      Confusion bestDev = null;
      for (int step = 1; step <= STEPS; step++) {
        regression.gradient(trainX, trainY, map, gradient);
        adam.update(map, gradient, RATE * (STEPS - step + 1) / STEPS);
        if (step % EVALUATED_EVERY == 0) {
          int[] answers = Confusion.answers(regression.logits(devX, devY, map));
          Confusion confusion = Confusion.of(dev.labels, answers, labels);
          if (bestDev == null || metric.of(confusion) > metric.of(bestDev)) {
            bestDev = confusion;
            best = map.clone();
          }
        }
      }
      if (bestDev == null) {
        throw new IllegalStateException(
            "steps: " + STEPS + " (expected: >= " + EVALUATED_EVERY + ")");
      }
      scale.undo(best, labels);
      return new LinearProbe(best, bestDev);
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
