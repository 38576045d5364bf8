package io.sluice.trainer.experiment;

import io.sluice.trainer.Progress;
import io.sluice.trainer.ProgressListener;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.metric.Evaluation;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * What a run's stages take, as its listener hears it: from one step to the next, without what the
 * dev rows take in between. Confined to the training thread.
 */
final class CellClock implements ProgressListener {
  private static final double NANOS_PER_SECOND = 1e9;

  private final LongSupplier nanoTime;
  private final Map<Phase, long[]> nanos = new EnumMap<>(Phase.class);
  private final Map<Phase, int[]> steps = new EnumMap<>(Phase.class);
  private long lastNanos;
  private long evaluationNanos;

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  CellClock(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.lastNanos = nanoTime.getAsLong();
  }

  @Override
  public void progressed(Progress progress) {
    long now = nanoTime.getAsLong();
    nanos.computeIfAbsent(progress.phase(), phase -> new long[1])[0] += now - lastNanos;
    int[] done = steps.computeIfAbsent(progress.phase(), phase -> new int[1]);
    done[0] = progress.phase() == Phase.PROBE ? progress.step() : done[0] + 1;
    lastNanos = now;
  }

  @Override
  public void probed(Evaluation dev) {
    long now = nanoTime.getAsLong();
    nanos.computeIfAbsent(Phase.PROBE, phase -> new long[1])[0] += now - lastNanos;
    lastNanos = now;
  }

  @Override
  public void evaluated(int step, Evaluation dev, boolean best) {
    long now = nanoTime.getAsLong();
    evaluationNanos += now - lastNanos;
    lastNanos = now;
  }

  /**
   * What it took.
   *
   * @param done steps of the whole run
   * @param elapsedNanos of the whole run
   * @param rowsPerStep rows a step learns from
   * @param jobs cells that ran at a time
   */
  CellResult.Time time(int done, long elapsedNanos, int rowsPerStep, int jobs) {
    Map<String, CellResult.PhaseTime> phases = new TreeMap<>();
    long trained = 0;
    double seconds = 0;
    for (Map.Entry<Phase, long[]> phase : nanos.entrySet()) {
      int count = steps.getOrDefault(phase.getKey(), new int[1])[0];
      double taken = phase.getValue()[0] / NANOS_PER_SECOND;
      phases.put(
          phase.getKey().code(),
          new CellResult.PhaseTime(count, taken, count == 0 ? 0 : taken / count));
      if (phase.getKey() != Phase.PROBE) {
        trained += count;
        seconds += taken;
      }
    }
    return new CellResult.Time(
        done,
        elapsedNanos / NANOS_PER_SECOND,
        evaluationNanos / NANOS_PER_SECOND,
        seconds == 0 ? 0 : trained * rowsPerStep / seconds,
        jobs,
        phases);
  }
}
