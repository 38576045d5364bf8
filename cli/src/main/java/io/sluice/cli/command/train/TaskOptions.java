package io.sluice.cli.command.train;

import io.sluice.backbone.precision.Precision;
import io.sluice.cli.command.option.Given;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.TaskSettingsBuilder;
import io.sluice.trainer.metric.Metric;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what the task is; what is left out is as {@link TaskSettings} has it. */
final class TaskOptions {
  @Option(
      names = "--task-kind",
      paramLabel = "KIND",
      description =
          "What the task answers: ${COMPLETION-CANDIDATES}. Default: as --layout says, else"
              + " CLASSIFY.")
  private @Nullable TaskKind kind;

  @Option(
      names = "--pooling",
      description = "How a row becomes one vector: FIRST or MEAN. Default: what suits the data.")
  private @Nullable Pooling pooling;

  @Option(names = "--max-tokens", description = "Longest row in tokens. Default: 128.")
  private @Nullable Integer maxTokens;

  @Option(
      names = "--stride",
      paramLabel = "TOKENS",
      description =
          "Tokens from one window over a long text to the next (ANSWER_SPAN). Default: half a"
              + " window.")
  private @Nullable Integer stride;

  @Option(
      names = "--backbone-precision",
      paramLabel = "FORMAT",
      description =
          "Format the backbone computes with: FP32, INT8. INT8: for servers started so,"
              + " on a CPU. Default: FP32.")
  private @Nullable Precision precision;

  @Option(
      names = "--abstain-below",
      paramLabel = "P",
      description =
          "Calibrated probability below which a task does not answer, 0..1. Default: always answer;"
              + " for spans, if some dev rows have no answer, what suits them best.")
  private @Nullable Double abstainBelow;

  @Option(
      names = "--metric",
      description =
          "What the best weights are chosen by: ${COMPLETION-CANDIDATES}. Default: what the kind is"
              + " usually judged by.")
  private @Nullable Metric metric;

  TaskSettingsBuilder onto(TaskSettingsBuilder task) {
    Given.to(pooling, task::pooling);
    Given.to(kind, task::kind);
    Given.to(maxTokens, task::maxTokens);
    Given.to(stride, task::stride);
    Given.to(abstainBelow, task::abstainBelow);
    Given.to(metric, task::metric);
    Given.to(precision, task::precision);
    return task;
  }
}
