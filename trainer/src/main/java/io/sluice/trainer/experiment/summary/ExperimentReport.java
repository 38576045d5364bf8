package io.sluice.trainer.experiment.summary;

import static java.util.stream.Collectors.joining;

import io.sluice.backbone.DurableFiles;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.experiment.Cell;
import io.sluice.trainer.experiment.CellResult;
import io.sluice.trainer.experiment.ExperimentFolder;
import io.sluice.trainer.experiment.Suite;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What is known of an experiment so far: {@code results.csv}, {@code table.md} and a drawing of
 * each suite.
 *
 * @param suites one or more, with their results
 * @param results of all suites, each cell once
 * @param failures why cells have failed
 */
public record ExperimentReport(
    List<Scores> suites, List<CellResult> results, Map<Cell, String> failures) {
  public ExperimentReport {
    suites = List.copyOf(suites);
    results = List.copyOf(results);
    failures = new TreeMap<>(failures);
  }

  /** Of what is in a folder now. */
  public static ExperimentReport of(ExperimentFolder folder) {
    List<Suite> suites = folder.suites();
    List<Cell> cells =
        suites.stream().flatMap(suite -> suite.cells().stream()).distinct().sorted().toList();
    List<CellResult> results = folder.results(cells);
    Map<Cell, String> failures = new TreeMap<>();
    for (Cell cell : cells) {
      String failure = folder.failure(cell);
      if (failure != null) {
        failures.put(cell, failure.lines().findFirst().orElse(""));
      }
    }
    return new ExperimentReport(
        suites.stream().map(suite -> new Scores(suite, results)).toList(), results, failures);
  }

  /** Cells of all suites. */
  public long cells() {
    return suites.stream().flatMap(scores -> scores.suite().cells().stream()).distinct().count();
  }

  /** Everything as Markdown. */
  public String markdown() {
    return suites.stream().map(this::section).collect(joining("\n"));
  }

  private String section(Scores scores) {
    Suite suite = scores.suite();
    StringBuilder text = new StringBuilder();
    text.append("## ").append(suite.title()).append("\n\n");
    text.append(ResultTable.of(scores).markdown()).append('\n');
    text.append(legend(scores)).append('\n');
    if (!suite.claims().isEmpty()) {
      text.append('\n').append(ResultTable.differences(scores).markdown()).append('\n');
      verdicts(scores).forEach(verdict -> text.append("- ").append(verdict).append('\n'));
    }
    text.append("\n![").append(suite.title()).append("](").append(suite.name()).append(".svg)\n");
    return text.toString();
  }

  /** What the figures of a suite are. */
  public static String legend(Scores scores) {
    Suite suite = scores.suite();
    List<String> measures =
        suite.tasks().stream()
            .flatMap(task -> scores.metric(task).stream())
            .map(metric -> metric.replace('_', ' '))
            .distinct()
            .toList();
    String metrics =
        measures.size() < 2
            ? String.join("", measures)
            : suite.tasks().stream()
                .flatMap(task -> scores.metric(task).map(metric -> task + " " + metric).stream())
                .collect(joining(", "))
                .replace('_', ' ');
    return String.format(
        Locale.ROOT,
        "%d of %d cells, seeds %s. Hundredths of the measure on the dev rows%s; mean ± sd over the"
            + " seeds. learned: share of the encoder's parameters; time: mean seconds of a run, and"
            + " as a share of full's.",
        scores.count(),
        suite.cells().size(),
        suite.seeds().stream().map(String::valueOf).collect(joining(", ")),
        metrics.isEmpty() ? "" : " (" + metrics + ")");
  }

  /** What comes of a suite's claims, a sentence each. */
  public static List<String> verdicts(Scores scores) {
    return scores.suite().claims().stream()
        .map(claim -> Verdict.of(claim, scores).sentence())
        .toList();
  }

  /** Writes the files; returns their paths. */
  public List<Path> write(ExperimentFolder folder) {
    Path root = folder.path();
    folder.exclusively(
        () -> {
          write(root.resolve("results.csv"), ResultsCsv.of(results));
          write(root.resolve("table.md"), markdown());
          for (Scores scores : suites) {
            write(root.resolve(scores.suite().name() + ".svg"), SuiteChart.svg(scores));
          }
        });
    return Stream.concat(
            Stream.of(root.resolve("results.csv"), root.resolve("table.md")),
            suites.stream().map(scores -> root.resolve(scores.suite().name() + ".svg")))
        .toList();
  }

  private static void write(Path file, String text) {
    try {
      DurableFiles.replace(file, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.UNAVAILABLE, file + ": " + e + " (expected: a folder to write to)", e);
    }
  }
}
