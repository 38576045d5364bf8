package io.sluice.cli.command.experiment;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.option.BackboneOption;
import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.DeviceOption;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.StopAtStep;
import io.sluice.cli.command.option.ThreadsOption;
import io.sluice.cli.experiment.ExperimentText;
import io.sluice.cli.experiment.ExperimentView;
import io.sluice.cli.process.ProcessLife;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.Table;
import io.sluice.trainer.data.Split;
import io.sluice.trainer.experiment.BackboneCells;
import io.sluice.trainer.experiment.Cell;
import io.sluice.trainer.experiment.CellPlan;
import io.sluice.trainer.experiment.ExperimentFolder;
import io.sluice.trainer.experiment.ExperimentRun;
import io.sluice.trainer.experiment.summary.ExperimentReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs tasks with variants of the settings over seeds, and puts what comes out side by side. */
@Command(
    name = "experiment",
    subcommands = ExperimentReportCommand.class,
    description = {
      "Run tasks with variants of the settings over seeds, and put what comes out side by side.",
      "The same command again goes on with what is left; several processes may share a folder."
    },
    footer = {
      "",
      "Example: sluice experiment --list",
      "         sluice experiment --suite main --data-root data --out experiments/main --jobs 4",
      "         sluice experiment report experiments/main"
    })
public final class ExperimentCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private BackboneOption backbone = new BackboneOption();
  @Mixin private ThreadsOption threads = new ThreadsOption();
  @Mixin private DeviceOption device = new DeviceOption();

  @Option(
      names = "--suite",
      paramLabel = "NAME|FILE",
      split = ",",
      description = "Variants to run: suites that come with sluice, see --list, or TOML files.")
  private List<String> suites = List.of();

  @Option(
      names = "--tasks",
      paramLabel = "FILE",
      description =
          "TOML file with the tasks. Default: the suite's file if it has tasks, else the tasks that"
              + " come with sluice (--show tasks).")
  private @Nullable Path tasks;

  @Option(
      names = "--data-root",
      paramLabel = "DIR",
      description = "What paths of rows are relative to. Default: the folder of the tasks' file.")
  private @Nullable Path dataRoot;

  @Option(names = "--out", paramLabel = "FOLDER", description = "The experiment's folder.")
  private @Nullable Path out;

  @Option(
      names = "--seeds",
      paramLabel = "N,...",
      split = ",",
      description = "Seeds to run each cell over. Default: as the files say, else 1,2,3.")
  private List<Long> seeds = List.of();

  @Option(
      names = "--only",
      paramLabel = "WHAT=NAME,...",
      converter = OnlyCells.Converter.class,
      description = "Run these cells only: task=rte,task=trec,variant=learned,seed=1.")
  private OnlyCells only = OnlyCells.ALL;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      defaultValue = "1",
      description = "Cells that run at a time. Default: ${DEFAULT-VALUE}.")
  private int jobs;

  @Option(names = "--keep-bundles", description = "Keep each cell's bundle in its folder.")
  private boolean keepBundles;

  @Option(names = "--list", description = "List the suites that come with sluice.")
  private boolean list;

  @Option(
      names = "--show",
      paramLabel = "NAME",
      description = "Print a suite that comes with sluice, or its tasks, to begin one's own with.")
  private @Nullable String show;

  @Override
  public Integer call() {
    Screen screen = Output.of(spec);
    String shown = show;
    if (list && shown != null) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "show: " + shown + " (expected: without --list)");
    }
    if (list) {
      screen.table(listed());
      return 0;
    }
    if (shown != null) {
      ShippedSuites.text(shown).lines().forEach(line -> screen.line("%s", line));
      return 0;
    }
    ExperimentPlan plan = plan();
    List<Cell> cells = plan.cells(only);
    ProcessLife process = CommandProcess.of(spec);
    OnnxRuntime runtime = device.of(threads.runtime(process), screen);
    Backbone loaded = backbone.load(runtime);
    Map<String, Split> rows = plan.rows(cells);
    List<CellPlan> plans = plan.plans(cells, rows);
    ExperimentFolder folder = ExperimentFolder.create(required(out));
    BackboneCells trainer =
        new BackboneCells(runtime, loaded, rows, new BackboneCells.Keep(keepBundles, jobs));
    plan.suites().forEach(folder::save);
    int elsewhere;
    try (ExperimentView view = new ExperimentView(screen, plans, System::nanoTime)) {
      StopAtStep.during(
          process,
          () -> {
            new ExperimentRun(trainer, folder, view, Clock.systemUTC()).run(plans, jobs);
            return 0;
          });
      elsewhere = view.elsewhere();
    }
    ExperimentReport report = ExperimentReport.of(folder);
    report.write(folder);
    ExperimentText.print(report, screen);
    if (elsewhere > 0) {
      screen.line("%d cells are another process's, or failed there", elsewhere);
    }
    screen.line(
        "%d of %d cells; written to %s", report.results().size(), report.cells(), folder.path());
    return cells.stream().anyMatch(cell -> folder.failure(cell) != null) ? 1 : 0;
  }

  private ExperimentPlan plan() {
    List<String> problems = new ArrayList<>();
    if (suites.isEmpty()) {
      problems.add("--suite: missing (expected: a name, see --list, or a TOML file)");
    }
    if (out == null) {
      problems.add("--out: missing (expected: a folder for what comes out)");
    } else if (!Output.isFolder(out)) {
      problems.add("out: " + out + " (expected: a folder to write to)");
    }
    if (dataRoot != null && !Files.isDirectory(dataRoot)) {
      problems.add("data-root: " + dataRoot + " (expected: a folder)");
    }
    if (jobs < 1 || jobs > 1024) {
      problems.add("jobs: " + jobs + " (expected: 1..1024)");
    }
    List<ExperimentFile> files = suites.stream().map(suite -> suite(suite, problems)).toList();
    ExperimentFile rows = tasks(files, problems);
    if (problems.isEmpty()) {
      ExperimentPlan plan = ExperimentPlan.of(rows, files, seeds, problems);
      problems.addAll(plan.unknown(only));
      if (problems.isEmpty()) {
        return plan;
      }
    }
    throw new SluiceException(ErrorCode.INVALID_ARGUMENT, String.join("\n", problems));
  }

  private ExperimentFile suite(String suite, List<String> problems) {
    if (!suite.endsWith(".toml")) {
      return ExperimentFile.read(
          suite, suite + ".toml", ShippedSuites.text(suite), root(Path.of("")), problems);
    }
    Path file = Path.of(suite);
    String name = String.valueOf(file.getFileName());
    return read(name.substring(0, name.length() - ".toml".length()), file, problems);
  }

  private ExperimentFile tasks(List<ExperimentFile> files, List<String> problems) {
    Path named = tasks;
    if (named != null) {
      return read("tasks", named, problems);
    }
    return files.stream()
        .filter(file -> !file.tasks().isEmpty())
        .findFirst()
        .orElseGet(
            () ->
                ExperimentFile.read(
                    "tasks",
                    "tasks.toml",
                    ShippedSuites.text(ShippedSuites.TASKS),
                    root(Path.of("")),
                    problems));
  }

  private ExperimentFile read(String name, Path file, List<String> problems) {
    Path parent = file.toAbsolutePath().getParent();
    try {
      return ExperimentFile.read(
          name,
          file.toString(),
          Files.readString(file),
          root(parent == null ? Path.of("") : parent),
          problems);
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND, file + ": " + e + " (expected: a TOML file)", e);
    }
  }

  private Path root(Path otherwise) {
    return dataRoot == null ? otherwise : dataRoot;
  }

  private static Path required(@Nullable Path folder) {
    if (folder == null) {
      throw new IllegalStateException("out: missing (expected: checked before)");
    }
    return folder;
  }

  private static Table listed() {
    Table table = new Table("suite", "what it compares", "variants");
    for (String name : ShippedSuites.NAMES) {
      List<String> problems = new ArrayList<>();
      ExperimentFile file =
          ExperimentFile.read(name, name, ShippedSuites.text(name), Path.of(""), problems);
      table.row(name, file.title(), String.join(", ", file.variants().keySet()));
    }
    return table;
  }
}
