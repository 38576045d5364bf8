package io.sluice.cli.command.experiment;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.TrainSettings;
import io.sluice.trainer.data.Split;
import io.sluice.trainer.experiment.Cell;
import io.sluice.trainer.experiment.CellPlan;
import io.sluice.trainer.experiment.Suite;
import io.sluice.trainer.experiment.Work;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * An experiment put together from files: suites of variants over tasks and seeds. A variant that
 * several suites share, with the same settings, is run once. Immutable.
 *
 * @param suites one or more
 * @param variants settings, as they come to hold for each task
 * @param seeds of all suites
 */
record ExperimentPlan(
    List<Suite> suites, Map<String, Map<String, Variant>> variants, List<Long> seeds) {
  private static final List<Long> SEEDS = List.of(1L, 2L, 3L);

  /**
   * A variant on a task.
   *
   * @param layer all options
   * @param settings what they come to, but for the seed
   */
  record Variant(Layer layer, TrainSettings settings) {}

  /**
   * Puts an experiment together.
   *
   * @param tasks a file with tasks
   * @param suites files with variants
   * @param seeds that were typed; empty: as the files say
   * @param problems takes everything that is wrong
   */
  static ExperimentPlan of(
      ExperimentFile tasks, List<ExperimentFile> suites, List<Long> seeds, List<String> problems) {
    List<Suite> all = new ArrayList<>();
    Map<String, Map<String, Variant>> variants = new LinkedHashMap<>();
    Set<Long> used = new LinkedHashSet<>();
    Set<String> said = new LinkedHashSet<>();
    if (tasks.tasks().isEmpty()) {
      said.add(tasks.name() + ": no tasks (expected: [tasks.NAME])");
    }
    for (ExperimentFile suite : suites) {
      if (suite.variants().isEmpty()) {
        said.add(suite.name() + ": no variants (expected: [variants.NAME])");
      }
      List<Long> over = seeds(seeds, tasks, suite);
      used.addAll(over);
      for (Map.Entry<String, Layer> task : tasks.tasks().entrySet()) {
        Layer below = suite.defaults().over(task.getValue().over(tasks.defaults()));
        Map<String, Variant> here =
            variants.computeIfAbsent(task.getKey(), key -> new LinkedHashMap<>());
        for (Map.Entry<String, Layer> variant : suite.variants().entrySet()) {
          add(task.getKey(), variant.getKey(), variant.getValue().over(below), here, said);
        }
      }
      all.add(
          new Suite(
              suite.name(),
              suite.title(),
              List.copyOf(tasks.tasks().keySet()),
              List.copyOf(suite.variants().keySet()),
              over,
              suite.claims(),
              suite.chart()));
    }
    problems.addAll(said);
    return new ExperimentPlan(all, variants, List.copyOf(used));
  }

  private static List<Long> seeds(List<Long> typed, ExperimentFile tasks, ExperimentFile suite) {
    if (!typed.isEmpty()) {
      return typed;
    }
    if (!suite.seeds().isEmpty()) {
      return suite.seeds();
    }
    return tasks.seeds().isEmpty() ? SEEDS : tasks.seeds();
  }

  private static void add(
      String task, String name, Layer layer, Map<String, Variant> variants, Set<String> said) {
    Variant known = variants.get(name);
    if (known != null) {
      if (!known.layer.equals(layer)) {
        said.add(
            "variants."
                + name
                + ": other settings in one suite than in another (expected: the same, or another"
                + " name)");
      }
      return;
    }
    try {
      variants.put(name, new Variant(layer, CellOptions.of(layer.arguments()).settings()));
    } catch (SluiceException e) {
      said.add("tasks." + task + ", variants." + name + ": " + e.getMessage());
    }
  }

  /** All cells that are meant. */
  List<Cell> cells(OnlyCells only) {
    return suites.stream()
        .flatMap(suite -> suite.cells().stream())
        .distinct()
        .filter(only::holds)
        .toList();
  }

  /** Names that {@code --only} has and the plan has not. */
  List<String> unknown(OnlyCells only) {
    Set<String> names = new LinkedHashSet<>();
    suites.forEach(suite -> names.addAll(suite.variants()));
    return only.unknown(variants.keySet(), names, new LinkedHashSet<>(seeds));
  }

  /**
   * Reads the rows of the tasks that some cells are of.
   *
   * @throws SluiceException {@code INVALID_ARGUMENT} with what is wrong in any of them
   */
  Map<String, Split> rows(List<Cell> cells) {
    Map<String, Split> rows = new TreeMap<>();
    List<String> problems = new ArrayList<>();
    for (String task : cells.stream().map(Cell::task).distinct().toList()) {
      Variant any = requireNonNull(variants.get(task), task).values().iterator().next();
      try {
        rows.put(task, CellOptions.of(any.layer.arguments()).rows());
      } catch (SluiceException e) {
        problems.add("tasks." + task + ": " + e.getMessage());
      }
    }
    if (!problems.isEmpty()) {
      throw new SluiceException(ErrorCode.INVALID_ARGUMENT, String.join("\n", problems));
    }
    return rows;
  }

  /** How each cell is to be run. */
  List<CellPlan> plans(List<Cell> cells, Map<String, Split> rows) {
    List<CellPlan> plans = new ArrayList<>();
    for (Cell cell : cells) {
      Variant variant = variant(cell);
      TrainSettings settings = variant.settings.toBuilder().seed(cell.seed()).build();
      boolean full = variant.layer.full();
      Split split = requireNonNull(rows.get(cell.task()), "rows");
      double work = Work.of(settings, split.train(), full);
      plans.add(new CellPlan(cell, settings, full, work));
    }
    return plans;
  }

  private Variant variant(Cell cell) {
    return requireNonNull(
        requireNonNull(variants.get(cell.task()), "task").get(cell.variant()), "variant");
  }
}
