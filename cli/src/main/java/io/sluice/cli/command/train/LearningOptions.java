package io.sluice.cli.command.train;

import io.sluice.cli.command.option.Given;
import io.sluice.trainer.TrainSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that decide a training run but for its budget. */
final class LearningOptions {
  @Mixin private SearchOptions search = new SearchOptions();
  @Mixin private OptimizerOptions optimizer = new OptimizerOptions();
  @Mixin private ScheduleOptions schedule = new ScheduleOptions();
  @Mixin private TaskOptions task = new TaskOptions();
  @Mixin private TrunkOptions trunk = new TrunkOptions();

  @Option(names = "--seed", description = "Of every random number. Default: 1.")
  private @Nullable Long seed;

  /** Settings to be; what was given on top of the defaults. */
  TrainSettings.Builder settings() {
    TrainSettings.Builder settings = TrainSettings.defaults().toBuilder();
    Given.to(seed, settings::seed);
    return settings
        .search(search::onto)
        .optimizer(optimizer::onto)
        .schedule(schedule::onto)
        .task(task::onto)
        .trunk(trunk.limits());
  }
}
