package io.sluice.cli.command;

import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.TaskSettings;
import io.sluice.trainer.metric.Metric;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what the task is; what is left out is as {@link TaskSettings} has it. */
final class TaskOptions {
  @Option(
      names = "--pooling",
      description = "How a row becomes one vector: FIRST or MEAN. Default: what suits the data.")
  private @Nullable Pooling pooling;

  @Option(names = "--max-tokens", description = "Longest row in tokens. Default: 128.")
  private @Nullable Integer maxTokens;

  @Option(
      names = "--metric",
      description =
          "What the best weights are chosen by: ${COMPLETION-CANDIDATES}. Default: ACCURACY.")
  private @Nullable Metric metric;

  TaskSettings.Builder onto(TaskSettings.Builder task) {
    Given.to(pooling, task::pooling);
    Given.to(maxTokens, task::maxTokens);
    Given.to(metric, task::metric);
    return task;
  }
}
