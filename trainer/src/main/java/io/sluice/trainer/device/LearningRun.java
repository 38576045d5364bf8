package io.sluice.trainer.device;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Training for some time, update and all, over a few batches that take turns.
 *
 * @param losses of the first time through the batches, in nats
 * @param medianMillis of a step after that, in milliseconds
 * @param examplesPerSecond of all steps after that
 */
public record LearningRun(List<Double> losses, double medianMillis, double examplesPerSecond) {
  private static final int BATCHES = 8;

  public LearningRun {
    losses = List.copyOf(losses);
  }

  /**
   * Goes through the batches once, which fills the cache of the trunk, and then on for about so
   * long.
   *
   * @param files where the step is written as files for another framework, if anywhere
   */
  public static LearningRun of(
      OnnxRuntime runtime,
      Backbone backbone,
      TrainingStep.Size size,
      Duration time,
      @Nullable Path files) {
    try (TrainingStep step = new TrainingStep(runtime, backbone, size, BATCHES)) {
      float[] start = step.values().clone();
      List<Double> losses = new ArrayList<>();
      for (int i = 0; i < BATCHES; i++) {
        losses.add(step.learn());
      }
      if (files != null) {
        StepFiles.write(files, step, backbone, size, start, losses);
      }
      List<Double> each = new ArrayList<>();
      long begin = System.nanoTime();
      while (each.isEmpty() || System.nanoTime() - begin < time.toNanos()) {
        long before = System.nanoTime();
        step.learn();
        each.add(millis(before));
      }
      double seconds = millis(begin) / 1000;
      double median = each.stream().sorted().toList().get(each.size() / 2);
      return new LearningRun(losses, median, each.size() * size.rows() / seconds);
    }
  }

  private static double millis(long since) {
    return (System.nanoTime() - since) / 1e6;
  }
}
