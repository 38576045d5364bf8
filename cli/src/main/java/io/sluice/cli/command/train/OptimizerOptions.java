package io.sluice.cli.command.train;

import io.sluice.cli.command.option.Given;
import io.sluice.trainer.OptimizerSettingsBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how weights learn; what is left out is as {@link OptimizerSettings} has. */
final class OptimizerOptions {
  @Option(names = "--batch-size", description = "Rows per step. Default: 16.")
  private @Nullable Integer batchSize;

  @Option(
      names = "--accumulation",
      paramLabel = "N",
      description = "Batches per step, one after another, as if they were one. Default: 1.")
  private @Nullable Integer accumulation;

  @Option(names = "--learning-rate", description = "Of adapters and head. Default: 0.001.")
  private @Nullable Double learningRate;

  @Option(
      names = "--weight-decay",
      description = "Of weight matrices, in units of the learning rate. Default: 0.01.")
  private @Nullable Double weightDecay;

  @Option(names = "--clip-norm", description = "Greatest length of a gradient. Default: 1.")
  private @Nullable Double clipNorm;

  @Option(
      names = "--dropout",
      description = "Share of each pooled vector that a step goes without. Default: 0.")
  private @Nullable Double dropout;

  @Option(
      names = "--adapter-dropout",
      description =
          "Share of what the adapters of a point add that a step goes without. Default: 0.")
  private @Nullable Double adapterDropout;

  @Option(
      names = "--label-smoothing",
      description = "Share of each target spread over all labels. Default: 0.")
  private @Nullable Double labelSmoothing;

  OptimizerSettingsBuilder onto(OptimizerSettingsBuilder optimizer) {
    Given.to(batchSize, optimizer::batchSize);
    Given.to(accumulation, optimizer::accumulation);
    Given.to(learningRate, optimizer::learningRate);
    Given.to(weightDecay, optimizer::weightDecay);
    Given.to(clipNorm, optimizer::clipNorm);
    Given.to(dropout, optimizer::dropout);
    Given.to(adapterDropout, optimizer::adapterDropout);
    Given.to(labelSmoothing, optimizer::labelSmoothing);
    return optimizer;
  }
}
