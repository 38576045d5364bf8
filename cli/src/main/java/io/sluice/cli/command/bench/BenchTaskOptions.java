package io.sluice.cli.command.bench;

import io.sluice.loadtest.Bed;
import io.sluice.loadtest.Progress;
import io.sluice.loadtest.TaskMix;
import io.sluice.loadtest.bundle.TaskFamily;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Which tasks are asked, how often each. */
final class BenchTaskOptions {
  @Option(
      names = "--tasks",
      defaultValue = "8",
      description = "Tasks registered and asked. Default: ${DEFAULT-VALUE}.")
  private int tasks;

  @Option(
      names = "--zipf",
      paramLabel = "EXPONENT",
      defaultValue = "1",
      description =
          "Popularity of the tasks: 1 / rank^EXPONENT; 0: all alike. Default: ${DEFAULT-VALUE}.")
  private double exponent;

  private final List<String> names = new ArrayList<>();

  /** Registers them. */
  TaskMix register(Bed bed, Progress progress) {
    progress.at(0, "registering " + tasks + " tasks");
    TaskFamily family = TaskFamily.upperHalf(bed.sessions(), bed.runtime(), bed.seed());
    for (int i = 0; i < tasks; i++) {
      String name = "task-" + i;
      bed.admin().register(name, family.member(i));
      names.add(name);
    }
    return mix();
  }

  /** Those that are registered. */
  TaskMix mix() {
    return TaskMix.zipf(names, exponent);
  }
}
