package io.sluice.loadtest;

import java.util.List;
import java.util.Locale;

/**
 * Resident memory of a server by number of tasks.
 *
 * @param stages ascending by tasks; the first has none
 * @param weightBytes weights of one of the bundles, as floats
 */
public record MemoryReport(List<Stage> stages, long weightBytes) {
  private static final double MEBI = 1 << 20;
  private static final double KIBI = 1 << 10;

  /** The server with {@code tasks} tasks takes {@code residentBytes}. */
  public record Stage(int tasks, long residentBytes) {}

  public MemoryReport {
    stages = List.copyOf(stages);
    if (stages.size() < 2) {
      throw new IllegalArgumentException("stages: " + stages.size() + " (expected: 2 or more)");
    }
  }

  /** Growth for each task between the last two stages, in bytes. */
  public double bytesPerTask() {
    Stage last = stages.get(stages.size() - 1);
    Stage before = stages.get(stages.size() - 2);
    return (double) (last.residentBytes() - before.residentBytes())
        / (last.tasks() - before.tasks());
  }

  /** The figures as a table for people. */
  public String table() {
    StringBuilder table = new StringBuilder("resident memory of the process");
    for (Stage stage : stages) {
      table.append(
          String.format(
              Locale.ROOT,
              "%n  %5d tasks %10.1f MiB",
              stage.tasks(),
              stage.residentBytes() / MEBI));
    }
    return table
        .append(
            String.format(
                Locale.ROOT,
                "%n  each task %.1f KiB, its weights alone %.1f KiB",
                bytesPerTask() / KIBI,
                weightBytes / KIBI))
        .toString();
  }
}
