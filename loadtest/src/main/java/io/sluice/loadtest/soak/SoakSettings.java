package io.sluice.loadtest.soak;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How long, and how hard.
 *
 * @param duration of the load
 * @param load requests a second, as part of what a closed loop gets
 * @param tasks that are asked
 * @param changesPerSecond bundles sent, swapped and rolled back
 * @param sampleEvery time between two looks at the server's process
 */
public record SoakSettings(
    Duration duration, double load, int tasks, double changesPerSecond, Duration sampleEvery) {
  public SoakSettings {
    requireNonNull(duration, "duration");
    requireNonNull(sampleEvery, "sampleEvery");
    if (!(load > 0) || tasks < 2 || !(changesPerSecond > 0)) {
      throw new IllegalArgumentException(
          "load, tasks, changesPerSecond: "
              + load
              + ", "
              + tasks
              + ", "
              + changesPerSecond
              + " (expected: > 0, >= 2, > 0)");
    }
    if (duration.compareTo(sampleEvery.multipliedBy(3)) < 0 || sampleEvery.toMillis() < 1) {
      throw new IllegalArgumentException(
          "duration, sampleEvery: " + duration + ", " + sampleEvery + " (expected: >= 3 samples)");
    }
  }
}
