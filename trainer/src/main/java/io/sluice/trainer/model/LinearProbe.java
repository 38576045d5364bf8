package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.optim.AdamW;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The best linear map from the untouched backbone's features to answers: what a task gets without
 * any adapter. Fitted on standardised features, all rows at each step, stopped where the dev rows
 * are answered best. Immutable.
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
  private final Evaluation dev;

  private LinearProbe(float[] headStart, Evaluation dev) {
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
  public Evaluation dev() {
    return dev;
  }

  /**
   * Features of some rows and what they should be answered with.
   *
   * @param features (rows, width)
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  public record Rows(float[][] features, Targets targets) {}

  /** Says what logits (rows, labels) of the dev rows are worth. */
  public interface Judge {
    Evaluation evaluate(float[][] logits);

    /** Whether one evaluation is better than another. */
    boolean better(Evaluation one, Evaluation than);
  }

  /** Fits a probe on the train rows that answers and learns as a head does. */
  public static LinearProbe fit(
      OnnxRuntime runtime, Rows train, Rows dev, LinearHead head, Judge judge) {
    Standardisation scale = Standardisation.of(train.features);
    int width = train.features[0].length;
    try (LinearMap linear = new LinearMap(runtime, width, head);
        HostTensor trainX = scale.tensor(runtime, train.features);
        HostTensor trainY = linear.targets(train.targets);
        HostTensor devX = scale.tensor(runtime, dev.features);
        HostTensor devY = linear.targets(dev.targets)) {
      float[] map = new float[(width + 1) * head.labels()];
      float[] gradient = new float[map.length];
      AdamW adam = adam(width, head.labels());
      Best best = new Best(map.clone(), linear.answers(devX, devY, map).loss(), null);
      for (int step = 1; step <= STEPS; step++) {
        linear.gradient(trainX, trainY, map, gradient);
        adam.update(map, gradient, RATE * (STEPS - step + 1) / STEPS);
        if (step % EVALUATED_EVERY == 0) {
          best = best.or(map, linear.answers(devX, devY, map), judge);
        }
      }
      scale.undo(best.map, head.labels());
      return new LinearProbe(best.map, requireNonNull(best.dev, "dev"));
    }
  }

  /** The map of least dev loss so far, and the best answers so far, which may be another map's. */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  private record Best(float[] map, double loss, @Nullable Evaluation dev) {

    Best or(float[] other, LinearMap.Answers answers, Judge judge) {
      Evaluation evaluation = judge.evaluate(answers.logits());
      boolean better = dev == null || judge.better(evaluation, dev);
      return new Best(
          answers.loss() < loss ? other.clone() : map,
          Math.min(answers.loss(), loss),
          better ? evaluation : dev);
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
