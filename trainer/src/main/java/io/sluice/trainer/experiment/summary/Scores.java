package io.sluice.trainer.experiment.summary;

import io.sluice.trainer.experiment.Cell;
import io.sluice.trainer.experiment.CellResult;
import io.sluice.trainer.experiment.Suite;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** The results of a suite, as far as there are any, by variant, task and seed. Immutable. */
public final class Scores {
  private static final double POINTS = 100;

  private final Suite suite;
  private final Map<Cell, CellResult> results = new TreeMap<>();

  /**
   * @param results those of other suites are left out
   */
  public Scores(Suite suite, List<CellResult> results) {
    this.suite = suite;
    results.stream()
        .filter(result -> suite.holds(result.cell()))
        .forEach(result -> this.results.put(result.cell(), result));
  }

  public Suite suite() {
    return suite;
  }

  /** How many results there are. */
  public int count() {
    return results.size();
  }

  /** What there is of a variant on a task, by seed. */
  public List<CellResult> of(String variant, String task) {
    return suite.seeds().stream()
        .map(seed -> results.get(new Cell(task, variant, seed)))
        .filter(result -> result != null)
        .toList();
  }

  /** The measure of a task, by its name; empty if nothing is known of it. */
  public Optional<String> metric(String task) {
    return results.values().stream()
        .filter(result -> result.task().equals(task))
        .map(CellResult::metric)
        .findFirst();
  }

  /** Scores of a variant on a task over the seeds, in points: hundredths of the measure. */
  public Spread score(String variant, String task) {
    return Spread.of(points(of(variant, task)));
  }

  /** Of each seed that has a score for every task, their mean; in points. */
  public Spread average(String variant) {
    List<Double> means = new ArrayList<>();
    for (long seed : suite.seeds()) {
      mean(variant, seed).ifPresent(means::add);
    }
    return Spread.of(means);
  }

  /** By how much one variant is above another on a task, seed by seed; in points. */
  public Spread difference(String subject, String against, String task) {
    List<Double> differences = new ArrayList<>();
    for (CellResult one : of(subject, task)) {
      CellResult other = results.get(new Cell(task, against, one.seed()));
      if (other != null) {
        differences.add(POINTS * (one.score() - other.score()));
      }
    }
    return Spread.of(differences);
  }

  /** The same of the averages over all tasks. */
  public Spread averageDifference(String subject, String against) {
    List<Double> differences = new ArrayList<>();
    for (long seed : suite.seeds()) {
      OptionalDouble one = mean(subject, seed);
      OptionalDouble other = mean(against, seed);
      if (one.isPresent() && other.isPresent()) {
        differences.add(one.getAsDouble() - other.getAsDouble());
      }
    }
    return Spread.of(differences);
  }

  /** Mean over tasks of the share of the encoder's parameters that learned. */
  public double share(String variant) {
    return mean(variant, result -> result.size().share());
  }

  /** Mean over tasks of the seconds of a run. */
  public double seconds(String variant) {
    return mean(variant, result -> result.time().seconds());
  }

  /**
   * Seconds of a run as a share of what the encoder's own learning takes, mean over the tasks that
   * have both; NaN if none has.
   */
  public double relativeSeconds(String variant) {
    Optional<String> full = full();
    return full.isEmpty()
        ? Double.NaN
        : suite.tasks().stream()
            .filter(task -> !of(variant, task).isEmpty() && !of(full.get(), task).isEmpty())
            .mapToDouble(task -> seconds(variant, task) / seconds(full.get(), task))
            .average()
            .orElse(Double.NaN);
  }

  /** The variant in which the encoder itself learns, if there is one. */
  private Optional<String> full() {
    return results.values().stream()
        .filter(result -> result.method().equals("full"))
        .map(CellResult::variant)
        .findFirst();
  }

  private double seconds(String variant, String task) {
    return of(variant, task).stream()
        .mapToDouble(result -> result.time().seconds())
        .average()
        .orElse(Double.NaN);
  }

  private double mean(String variant, ToDoubleFunction<CellResult> figure) {
    return suite.tasks().stream()
        .filter(task -> !of(variant, task).isEmpty())
        .mapToDouble(
            task -> of(variant, task).stream().mapToDouble(figure).average().orElse(Double.NaN))
        .average()
        .orElse(Double.NaN);
  }

  private OptionalDouble mean(String variant, long seed) {
    List<CellResult> all =
        suite.tasks().stream()
            .map(task -> results.get(new Cell(task, variant, seed)))
            .filter(result -> result != null)
            .toList();
    return all.size() < suite.tasks().size()
        ? OptionalDouble.empty()
        : points(all).stream().mapToDouble(value -> value).average();
  }

  private static List<Double> points(List<CellResult> results) {
    return results.stream().map(result -> POINTS * result.score()).toList();
  }
}
