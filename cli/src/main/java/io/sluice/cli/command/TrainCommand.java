package io.sluice.cli.command;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.training.TrainingReport;
import io.sluice.cli.training.TrainingView;
import io.sluice.registry.bundle.BundleWriter;
import io.sluice.trainer.TrainResult;
import io.sluice.trainer.TrainSettings;
import io.sluice.trainer.Trainer;
import io.sluice.trainer.data.Columns;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.DatasetReader;
import io.sluice.trainer.data.Split;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Learns a task and writes its bundle. */
@Command(
    name = "train",
    description = "Learn a task from labelled rows, under a hard budget, and write its bundle.",
    footer = {
      "",
      "Example: sluice train --data train.jsonl --dev dev.jsonl --out sentiment.bundle"
    })
final class TrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private BackboneOption backbone = new BackboneOption();
  @Mixin private TrainOptions options = new TrainOptions();
  @Mixin private ThreadsOption threads = new ThreadsOption();

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description = "Labelled rows: .jsonl, .csv or .tsv, also with .gz.")
  private Path data = Path.of("");

  @Option(
      names = "--dev",
      paramLabel = "FILE",
      description = "Rows to choose by. Default: a share of --data, see --dev-share.")
  private @Nullable Path dev;

  @Option(
      names = "--dev-share",
      defaultValue = "0.15",
      description = "Share of --data that is kept for choosing by. Default: ${DEFAULT-VALUE}.")
  private double devShare;

  @Option(
      names = "--text",
      paramLabel = "FIELD",
      description = "Field of the text. Default: text, else a.")
  private @Nullable String text;

  @Option(
      names = "--pair",
      paramLabel = "FIELD",
      description = "Field of the second text. Default: b where the first is a, else none.")
  private @Nullable String pair;

  @Option(
      names = "--label",
      paramLabel = "FIELD",
      defaultValue = "label",
      description = "Field of the label. Default: ${DEFAULT-VALUE}.")
  private String label = "";

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "The bundle.")
  private Path out = Path.of("");

  @Override
  public Integer call() {
    TrainSettings settings = options.settings();
    requireWritable(out);
    Split rows = rows(settings.seed());
    OnnxRuntime runtime = threads.runtime(SluiceCommand.process(spec));
    Backbone loaded = backbone.load(runtime);
    Screen screen = Output.of(spec);
    TrainResult result;
    try (TrainingView view = new TrainingView(screen)) {
      result = new Trainer(runtime).train(loaded, rows.train(), rows.dev(), settings, view);
    }
    BundleWriter.save(result.bundle(), out);
    TrainingReport.of(result, screen).forEach(line -> screen.line("%s", line));
    screen.line("written to %s", out);
    return 0;
  }

  private Split rows(long seed) {
    DatasetReader reader = new DatasetReader(new Columns(text, pair, label));
    Dataset all = reader.read(data);
    Path separate = dev;
    if (separate != null) {
      return new Split(all, reader.read(separate));
    }
    if (!(devShare > 0 && devShare < 1)) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "dev-share: " + devShare + " (expected: between 0 and 1)");
    }
    return Split.stratified(all, devShare, seed);
  }

  /** Better now than after the training. */
  private static void requireWritable(Path file) {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null || !Files.isDirectory(directory) || !Files.isWritable(directory)) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "out: " + file + " (expected: a file in a writable directory)");
    }
    if (Files.isDirectory(file)) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "out: " + file + " is a directory (expected: a file)");
    }
  }
}
