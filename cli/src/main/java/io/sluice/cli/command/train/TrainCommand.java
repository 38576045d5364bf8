package io.sluice.cli.command.train;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.option.BackboneOption;
import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.CostFile;
import io.sluice.cli.command.option.DeviceOption;
import io.sluice.cli.command.option.Input;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.ReportFile;
import io.sluice.cli.command.option.StopAtStep;
import io.sluice.cli.command.option.ThreadsOption;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.training.TrainingReport;
import io.sluice.cli.training.TrainingView;
import io.sluice.registry.bundle.BundleWriter;
import io.sluice.trainer.ProgressListener;
import io.sluice.trainer.TrainResult;
import io.sluice.trainer.TrainSettings;
import io.sluice.trainer.Trainer;
import io.sluice.trainer.checkpoint.Checkpoints;
import io.sluice.trainer.data.RowFormat;
import io.sluice.trainer.data.Split;
import io.sluice.trainer.run.MetricsLog;
import io.sluice.trainer.run.RunFolder;
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
    subcommands = TrainSweep.class,
    preprocessor = ConfigArguments.class,
    description = "Learn a task from labelled rows, under a hard budget, and write its bundle.",
    footer = {
      "",
      "Example: sluice train --data train.jsonl --dev dev.jsonl --out sentiment.bundle",
      "         sluice train --config sentiment.toml --run runs/1, and after Ctrl-C",
      "         sluice train --resume runs/1"
    })
public final class TrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DataOptions data = new DataOptions();
  @Mixin private BackboneOption backbone = new BackboneOption();
  @Mixin private TrainOptions options = new TrainOptions();
  @Mixin private ThreadsOption threads = new ThreadsOption();
  @Mixin private DeviceOption device = new DeviceOption();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The bundle. Default: task.bundle in the run's folder.")
  private @Nullable Path out;

  @SuppressWarnings("UnusedVariable") // ConfigArguments reads it before there is a command.
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "TOML file with options: learning-rate = 0.001. What is typed wins over the file.")
  private @Nullable Path config;

  @Option(
      names = "--run",
      paramLabel = "FOLDER",
      description =
          "Keep the run in a new folder: config.toml, metrics.jsonl, checkpoints, result.json.")
  private @Nullable Path runFolder;

  @Option(
      names = "--resume",
      paramLabel = "FOLDER",
      description = "Go on with the run in a folder, to the bit as if it had not been stopped.")
  private @Nullable Path resumed;

  @Option(
      names = "--checkpoint-every",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "Time between checkpoints of a run with a folder. Default: ${DEFAULT-VALUE}.")
  private long checkpointSeconds;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "The report as a page of its own. It is in the bundle in any case.")
  private @Nullable Path report;

  @Override
  public Integer call() {
    data.require();
    Input.seconds("checkpoint-every", checkpointSeconds, 0);
    if (out == null && runFolder == null && resumed == null) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "--out: missing (expected: a file, or a folder by --run)");
    }
    if (out != null) {
      requireWritable("out", out);
    }
    if (report != null) {
      requireReport(report);
    }
    Screen screen = Output.of(spec);
    OnnxRuntime runtime = device.of(threads.runtime(CommandProcess.of(spec)), Output.of(spec));
    Backbone loaded = backbone.load(runtime);
    // A budget is of the adapters, which are in 32 bits whatever the backbone is in.
    TrainSettings stated =
        options.settings(() -> CostFile.load(loaded, Precision.FP32, runtime, screen));
    RowFormat format = data.format(stated.task().kind());
    TrainSettings settings = stated.toBuilder().task(task -> task.kind(format.kind())).build();
    Split rows = data.rows(format, settings.seed());
    RunFolder folder = folder(settings);
    Path file = out == null ? requireNonNull(folder, "folder").bundle() : out;
    TrainResult result =
        StopAtStep.during(
            CommandProcess.of(spec),
            () -> train(new Trainer(runtime), loaded, rows, settings, folder));
    BundleWriter.save(result.bundle(), file);
    if (folder != null) {
      folder.finish(result);
    }
    TrainingReport.of(result, screen).forEach(line -> screen.line("%s", line));
    TrainingReport.findings(result, screen).forEach(line -> screen.line("%s", line));
    screen.line("written to %s", file);
    Path page = report;
    if (page != null) {
      ReportFile.take(result.bundle(), ReportFile.PAGE, page);
      screen.line("report written to %s", page);
    }
    return 0;
  }

  private TrainResult train(
      Trainer trainer,
      Backbone loaded,
      Split rows,
      TrainSettings settings,
      @Nullable RunFolder folder) {
    try (TrainingView view = new TrainingView(Output.of(spec))) {
      if (folder == null) {
        return trainer.train(loaded, rows.train(), rows.dev(), settings, view);
      }
      try (MetricsLog metrics = folder.metrics()) {
        Checkpoints checkpoints =
            folder.checkpoints(Input.seconds("checkpoint-every", checkpointSeconds, 0), metrics);
        ProgressListener listeners = ProgressListener.all(metrics, view);
        return trainer.train(loaded, rows.train(), rows.dev(), settings, listeners, checkpoints);
      }
    } catch (SluiceException e) {
      if (e.code() == ErrorCode.CANCELLED && folder != null) {
        Output.of(spec).line("stopped; to go on: sluice train --resume %s", folder.path());
      } else if (runFolder != null && folder != null) {
        folder.clearUnlessBegun();
      }
      throw e;
    }
  }

  private @Nullable RunFolder folder(TrainSettings settings) {
    Path old = resumed;
    Path made = runFolder;
    if (old != null) {
      return RunFolder.open(old);
    }
    return made == null
        ? null
        : RunFolder.create(
            made, ConfigText.of(spec.commandLine().getParseResult(), settings.described()));
  }

  private void requireReport(Path file) {
    if (out != null && file.toAbsolutePath().normalize().equals(out.toAbsolutePath().normalize())) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "report: " + file + " is where the bundle goes (expected: another file)");
    }
    if (Files.isRegularFile(file) || !Files.exists(file) || Files.isDirectory(file)) {
      requireWritable("report", file);
    }
  }

  /** Better now than after the training. */
  private void requireWritable(String option, Path file) {
    data.refuseOver(option, file);
    Output.requireWritable(option, file);
  }
}
