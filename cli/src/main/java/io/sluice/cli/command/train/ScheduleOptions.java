package io.sluice.cli.command.train;

import io.sluice.cli.command.option.Given;
import io.sluice.trainer.ScheduleSettingsBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The options that say how long a run is; what is left out is as {@link ScheduleSettings} has. */
final class ScheduleOptions {
  /** Only one of them can hold. */
  static final class Length {
    @Option(names = "--steps", description = "Length of the run. Default: by the number of rows.")
    private @Nullable Integer steps;

    @Option(
        names = "--epochs",
        paramLabel = "N",
        description = "Length of the run in times that all rows are seen; instead of --steps.")
    private @Nullable Integer epochs;
  }

  @ArgGroup(exclusive = true, multiplicity = "0..1")
  private @Nullable Length length;

  @Option(
      names = "--warm-up",
      paramLabel = "SHARE",
      description = "Share of the run in which the rate rises to its peak. Default: 0.05.")
  private @Nullable Double warmUp;

  @Option(
      names = "--evaluations",
      paramLabel = "N",
      description = "How often fine-tuning answers the dev rows. Default: 8.")
  private @Nullable Integer evaluations;

  @Option(
      names = "--patience",
      paramLabel = "N",
      description = "Evaluations without a better one that end the run. Default: 4.")
  private @Nullable Integer patience;

  @Option(
      names = "--search-share",
      paramLabel = "SHARE",
      description = "Share of the run after which the structure is frozen. Default: 0.5.")
  private @Nullable Double searchShare;

  @Option(
      names = "--fine-tune-rate",
      paramLabel = "SHARE",
      description = "Learning rate behind that, as a share of the peak; it falls to 0. Default: 1.")
  private @Nullable Double fineTuneRate;

  ScheduleSettingsBuilder onto(ScheduleSettingsBuilder schedule) {
    Given.to(
        length,
        given -> {
          Given.to(given.steps, schedule::steps);
          Given.to(given.epochs, schedule::epochs);
        });
    Given.to(warmUp, schedule::warmUp);
    Given.to(evaluations, schedule::evaluations);
    Given.to(patience, schedule::patience);
    Given.to(searchShare, schedule::searchShare);
    Given.to(fineTuneRate, schedule::fineTuneRate);
    return schedule;
  }
}
