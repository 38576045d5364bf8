package io.sluice.trainer.device;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;

/**
 * How fast steps are made.
 *
 * @param openMillis compiling the step, in milliseconds; the slowest of several
 * @param firstMillis its first run, in milliseconds; the slowest of several
 * @param medianMillis of a later run, in milliseconds
 * @param stepsPerSecond of all runs together
 */
public record StepRate(
    double openMillis, double firstMillis, double medianMillis, double stepsPerSecond) {
  private static final int WARM_UP = 3;

  /** Makes steps in this thread for about so long. */
  public static StepRate of(
      OnnxRuntime runtime, Backbone backbone, TrainingStep.Size size, Duration time) {
    return of(runtime, backbone, size, time, 1);
  }

  /**
   * Makes steps in several threads at once, each with a session of its own, as several trainings in
   * one process do.
   */
  public static StepRate of(
      OnnxRuntime runtime,
      Backbone backbone,
      TrainingStep.Size size,
      Duration time,
      int trainings) {
    ExecutorService threads = Executors.newFixedThreadPool(trainings);
    try {
      Phaser start = new Phaser(trainings);
      List<Future<StepRate>> running = new ArrayList<>();
      for (int i = 0; i < trainings; i++) {
        Callable<StepRate> one = () -> alone(runtime, backbone, size, time, start);
        running.add(threads.submit(one));
      }
      List<StepRate> rates = new ArrayList<>();
      for (Future<StepRate> rate : running) {
        rates.add(rate.get());
      }
      return together(rates);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      threads.shutdownNow();
    }
  }

  private static StepRate alone(
      OnnxRuntime runtime, Backbone backbone, TrainingStep.Size size, Duration time, Phaser start) {
    long begin = System.nanoTime();
    double openMillis;
    double firstMillis;
    TrainingStep opened = null;
    try {
      opened = new TrainingStep(runtime, backbone, size);
      openMillis = millis(begin);
      begin = System.nanoTime();
      opened.run();
      firstMillis = millis(begin);
      for (int i = 0; i < WARM_UP; i++) {
        opened.run();
      }
    } catch (RuntimeException | Error e) {
      // The others must not wait for this one.
      start.arriveAndDeregister();
      if (opened != null) {
        opened.close();
      }
      throw e;
    }
    try (TrainingStep step = opened) {
      start.arriveAndAwaitAdvance();
      List<Double> each = new ArrayList<>();
      begin = System.nanoTime();
      while (each.isEmpty() || System.nanoTime() - begin < time.toNanos()) {
        long before = System.nanoTime();
        step.run();
        each.add(millis(before));
      }
      double seconds = millis(begin) / 1000;
      double median = each.stream().sorted().toList().get(each.size() / 2);
      return new StepRate(openMillis, firstMillis, median, each.size() / seconds);
    }
  }

  private static StepRate together(List<StepRate> rates) {
    return new StepRate(
        rates.stream().mapToDouble(StepRate::openMillis).max().orElseThrow(),
        rates.stream().mapToDouble(StepRate::firstMillis).max().orElseThrow(),
        rates.stream().mapToDouble(StepRate::medianMillis).average().orElseThrow(),
        rates.stream().mapToDouble(StepRate::stepsPerSecond).sum());
  }

  private static double millis(long since) {
    return (System.nanoTime() - since) / 1e6;
  }
}
