package io.sluice.cli.command;

import io.sluice.trainer.ScheduleSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how long a run is; what is left out is as {@link ScheduleSettings} has. */
final class ScheduleOptions {
  @Option(names = "--steps", description = "Length of the run. Default: by the number of rows.")
  private @Nullable Integer steps;

  ScheduleSettings.Builder onto(ScheduleSettings.Builder schedule) {
    Given.to(steps, schedule::steps);
    return schedule;
  }
}
