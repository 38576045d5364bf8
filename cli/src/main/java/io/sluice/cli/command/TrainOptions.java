package io.sluice.cli.command;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.TrainSettings;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.metric.Metric;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that decide a training run; what is left out is as {@link TrainSettings} has it. */
final class TrainOptions {
  @ArgGroup(multiplicity = "0..1")
  private @Nullable Limit limit;

  @Option(names = "--rank", description = "Inner width of the adapters. Default: 16.")
  private @Nullable Integer rank;

  @Option(
      names = "--pooling",
      description = "How a row becomes one vector: FIRST or MEAN. Default: what suits the data.")
  private @Nullable Pooling pooling;

  @Option(names = "--max-tokens", description = "Longest row in tokens. Default: 128.")
  private @Nullable Integer maxTokens;

  @Option(names = "--batch-size", description = "Rows per step. Default: 16.")
  private @Nullable Integer batchSize;

  @Option(names = "--steps", description = "Length of the run. Default: by the number of rows.")
  private @Nullable Integer steps;

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

  @Option(
      names = "--metric",
      description =
          "What the best weights are chosen by: ${COMPLETION-CANDIDATES}. Default: ACCURACY.")
  private @Nullable Metric metric;

  @Option(names = "--seed", description = "Of every random number. Default: 1.")
  private @Nullable Long seed;

  /** What the adapters may cost, in one way or the other. */
  static final class Limit {
    @Option(
        names = "--max-params",
        paramLabel = "SHARE|N",
        converter = Parameters.class,
        description = "Budget of the adapters: 1.4%% of the backbone's parameters, or a number.")
    private @Nullable Budget parameters;

    @Option(names = "--max-points", paramLabel = "N", description = "Budget: so many adapters.")
    private @Nullable Integer points;

    Budget budget() {
      Budget stated = parameters;
      Integer number = points;
      if (stated != null) {
        return stated;
      }
      int adapters = number == null ? 0 : number;
      if (adapters < 1) {
        throw new SluiceException(
            ErrorCode.INVALID_ARGUMENT, "max-points: " + adapters + " (expected: >= 1)");
      }
      return new Budget.Points(adapters);
    }
  }

  /** The settings; what was given on top of the defaults. */
  TrainSettings settings() {
    TrainSettings defaults = TrainSettings.defaults();
    return defaults.toBuilder()
        .budget(limit == null ? defaults.budget() : limit.budget())
        .rank(rank == null ? defaults.rank() : rank)
        .pooling(pooling)
        .maxTokens(maxTokens == null ? defaults.maxTokens() : maxTokens)
        .batchSize(batchSize == null ? defaults.batchSize() : batchSize)
        .steps(steps)
        .learningRate(learningRate == null ? defaults.learningRate() : learningRate)
        .dropout(dropout == null ? defaults.dropout() : dropout)
        .labelSmoothing(labelSmoothing == null ? defaults.labelSmoothing() : labelSmoothing)
        .metric(metric == null ? defaults.metric() : metric)
        .seed(seed == null ? defaults.seed() : seed)
        .build();
  }

  /** Reads {@code 1.4%} or {@code 190000}. */
  static final class Parameters implements ITypeConverter<Budget> {
    @Override
    public Budget convert(String text) {
      try {
        return Budget.parseParameters(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
