package io.sluice.cli.command.train;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.DurableFiles;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.Folders;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.option.BackboneOption;
import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.DeviceOption;
import io.sluice.cli.command.option.Input;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.StopAtStep;
import io.sluice.cli.command.option.ThreadsOption;
import io.sluice.cli.process.ProcessLife;
import io.sluice.cli.terminal.Quantities;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.Table;
import io.sluice.cli.training.Pareto;
import io.sluice.cli.training.ParetoChart;
import io.sluice.cli.training.SweepView;
import io.sluice.cli.training.TrainingReport;
import io.sluice.registry.bundle.BundleWriter;
import io.sluice.trainer.TrainResult;
import io.sluice.trainer.TrainSettings;
import io.sluice.trainer.Trainer;
import io.sluice.trainer.checkpoint.SweepCheckpoints;
import io.sluice.trainer.data.RowFormat;
import io.sluice.trainer.data.Split;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.run.RunFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One run under falling budgets: what each parameter buys. */
@Command(
    name = "sweep",
    preprocessor = ConfigArguments.class,
    description = {
      "Learn a task once under falling budgets; at each one write a bundle.",
      "Prints what each cost and scored, and draws it: pareto.csv and pareto.svg."
    },
    footer = {
      "",
      "Example: sluice train sweep --data train.jsonl --max-points 12,6,3 --out sweep",
      "         and after Ctrl-C: sluice train sweep --resume sweep"
    })
final class TrainSweep implements Callable<Integer> {
  private static final String CHECKPOINTS = "checkpoints";

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DataOptions data = new DataOptions();
  @Mixin private BackboneOption backbone = new BackboneOption();
  @Mixin private LearningOptions learning = new LearningOptions();
  @Mixin private ThreadsOption threads = new ThreadsOption();
  @Mixin private DeviceOption device = new DeviceOption();

  @ArgGroup(multiplicity = "0..1")
  private @Nullable SweepBudgets budgets;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "A new or empty folder for the bundles, the table and the drawing.")
  private @Nullable Path out;

  @SuppressWarnings("UnusedVariable") // ConfigArguments reads it before there is a command.
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "TOML file with options. What is typed wins over the file.")
  private @Nullable Path config;

  @Option(
      names = "--resume",
      paramLabel = "FOLDER",
      description = "Go on with the sweep in a folder, to the bit as if it had not been stopped.")
  private @Nullable Path resumed;

  @Option(
      names = "--checkpoint-every",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "Time between checkpoints. Default: ${DEFAULT-VALUE}.")
  private long checkpointSeconds;

  @Override
  public Integer call() throws IOException {
    List<Budget> falling = budgets == null ? SweepBudgets.defaults() : budgets.budgets();
    TrainSettings stated = learning.settings().build();
    data.require();
    Duration every = Input.seconds("checkpoint-every", checkpointSeconds, 0);
    RowFormat format = data.format(stated.task().kind());
    TrainSettings settings = stated.toBuilder().task(task -> task.kind(format.kind())).build();
    Path folder = folder(settings);
    Split rows = data.rows(format, settings.seed());
    ProcessLife process = CommandProcess.of(spec);
    OnnxRuntime runtime = device.of(threads.runtime(process), Output.of(spec));
    Backbone loaded = backbone.load(runtime);
    Screen screen = Output.of(spec);
    List<Pareto.Stop> stops = new ArrayList<>();
    try (SweepView view =
        new SweepView(
            screen,
            (stop, result) -> {
              String file = "stop-" + stop + ".bundle";
              BundleWriter.save(result.bundle(), folder.resolve(file));
              stops.add(new Pareto.Stop(falling.get(stop - 1).toString(), result, file));
            })) {
      SweepCheckpoints checkpoints = SweepCheckpoints.in(folder.resolve(CHECKPOINTS), every);
      StopAtStep.during(
          process,
          () ->
              sweep(
                  folder,
                  () ->
                      new Trainer(runtime)
                          .sweep(
                              loaded,
                              rows.train(),
                              rows.dev(),
                              settings,
                              falling,
                              view,
                              checkpoints)));
    }
    Pareto pareto = new Pareto(stops);
    write(folder.resolve("pareto.csv"), pareto.csv());
    write(folder.resolve("pareto.svg"), ParetoChart.svg(pareto));
    table(pareto).lines().forEach(line -> screen.line("%s", line));
    screen.line("linear probe: %s; * no other stop is cheaper and as good", pareto.probeText());
    screen.line("written to %s", folder);
    return 0;
  }

  private static Table table(Pareto pareto) {
    Table table =
        new Table(
            "budget>",
            "parameters>",
            "of backbone>",
            pareto.measure() + ">",
            "",
            "structure",
            "bundle");
    for (Pareto.Stop stop : pareto.stops()) {
      table.row(
          stop.budget(),
          Quantities.count(stop.parameters()),
          Quantities.percent(stop.result().parameters().share()),
          stop.scoreText(),
          pareto.efficient(stop) ? "*" : "",
          TrainingReport.structure(stop.result().bundle().manifest()),
          stop.file());
    }
    return table;
  }

  private List<TrainResult> sweep(Path folder, Supplier<List<TrainResult>> training) {
    try {
      return training.get();
    } catch (SluiceException e) {
      if (e.code() == ErrorCode.CANCELLED) {
        Output.of(spec).line("stopped; to go on: sluice train sweep --resume %s", folder);
      }
      throw e;
    }
  }

  /** Whether anything was kept of a sweep; options alone may be given again. */
  private static boolean begun(Path folder) throws IOException {
    Path kept = folder.resolve(CHECKPOINTS);
    if (!Files.isDirectory(kept)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(kept)) {
      return files.anyMatch(Files::isRegularFile);
    }
  }

  private Path folder(TrainSettings settings) throws IOException {
    Path old = resumed;
    if (old != null) {
      return RunFolder.open(old).path();
    }
    Path named = out;
    if (named == null) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "--out: missing (expected: a folder for the bundles)");
    }
    if (Files.exists(named.resolve("pareto.csv"))
        || Files.exists(named.resolve("stop-1.bundle"))
        || begun(named)) {
      throw new SluiceException(
          ErrorCode.ALREADY_EXISTS,
          "out: " + named + ": a sweep is there already (expected: a new folder, or --resume)");
    }
    try {
      Folders.make(named);
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "out: " + named + ": " + e + " (expected: a folder)", e);
    }
    write(
        named.resolve("config.toml"),
        ConfigText.of(spec.commandLine().getParseResult(), settings.described()));
    return named;
  }

  private static void write(Path file, String text) {
    try {
      DurableFiles.replace(file, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.UNAVAILABLE,
          "out: " + file + ": " + e + " (expected: a folder to write to)",
          e);
    }
  }
}
