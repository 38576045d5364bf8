package io.sluice.cli.command.experiment;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.cli.command.option.Given;
import io.sluice.cli.command.train.DataOptions;
import io.sluice.cli.command.train.TrainOptions;
import io.sluice.trainer.TrainSettings;
import io.sluice.trainer.data.RowFormat;
import io.sluice.trainer.data.Split;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What a cell of an experiment is run with: the options of a training, given by files. */
@Command(name = "cell")
final class CellOptions {
  /** The rows of a task are split once, whatever the seeds of its runs. */
  private static final long SPLIT_SEED = 1;

  @Mixin private DataOptions data = new DataOptions();
  @Mixin private TrainOptions options = new TrainOptions();

  @Option(
      names = "--layer-decay",
      paramLabel = "FACTOR",
      description =
          "Of the rate, from each layer of the encoder to the one below, where the method is full."
              + " Default: 0.9.")
  private @Nullable Double layerDecay;

  /** All options there are. */
  static CommandSpec spec() {
    return line(new CellOptions()).getCommandSpec();
  }

  /**
   * Reads arguments.
   *
   * @throws SluiceException {@code INVALID_ARGUMENT} if they cannot be read
   */
  static CellOptions of(List<String> arguments) {
    CellOptions options = new CellOptions();
    try {
      line(options).parseArgs(arguments.toArray(String[]::new));
    } catch (CommandLine.ParameterException e) {
      throw new SluiceException(ErrorCode.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
    return options;
  }

  private static CommandLine line(CellOptions options) {
    return new CommandLine(options).setCaseInsensitiveEnumValuesAllowed(true);
  }

  /** The settings, but for a seed. */
  TrainSettings settings() {
    TrainSettings stated =
        options.settings(
            () -> {
              throw new SluiceException(
                  ErrorCode.INVALID_ARGUMENT,
                  "max-latency-us: not in an experiment (expected: a budget that does not depend"
                      + " on the machine)");
            });
    return stated.toBuilder()
        .task(task -> task.kind(format(stated).kind()))
        .optimizer(
            optimizer -> {
              Given.to(layerDecay, optimizer::layerDecay);
              return optimizer;
            })
        .build();
  }

  /** The rows, to learn from and to choose by. */
  Split rows() {
    return data.rows(format(settings()), SPLIT_SEED);
  }

  private RowFormat format(TrainSettings settings) {
    return data.format(settings.task().kind());
  }
}
