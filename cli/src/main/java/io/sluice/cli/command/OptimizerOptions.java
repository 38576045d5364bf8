package io.sluice.cli.command;

import io.sluice.trainer.OptimizerSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how weights learn; what is left out is as {@link OptimizerSettings} has. */
final class OptimizerOptions {
  @Option(names = "--batch-size", description = "Rows per step. Default: 16.")
  private @Nullable Integer batchSize;

  @Option(names = "--learning-rate", description = "Of adapters and head. Default: 0.001.")
  private @Nullable Double learningRate;

  @Option(
      names = "--dropout",
      description = "Share of each pooled vector that a step goes without. Default: 0.")
  private @Nullable Double dropout;

  @Option(
      names = "--label-smoothing",
      description = "Share of each target spread over all labels. Default: 0.")
  private @Nullable Double labelSmoothing;

  OptimizerSettings.Builder onto(OptimizerSettings.Builder optimizer) {
    Given.to(batchSize, optimizer::batchSize);
    Given.to(learningRate, optimizer::learningRate);
    Given.to(dropout, optimizer::dropout);
    Given.to(labelSmoothing, optimizer::labelSmoothing);
    return optimizer;
  }
}
