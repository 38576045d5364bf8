package io.sluice.trainer.experiment;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;

/**
 * What is put side by side: a table's rows and columns. Immutable; kept in the experiment's folder.
 *
 * @param name of its files
 * @param title in a few words
 * @param tasks the columns
 * @param variants the rows
 * @param seeds what each is run over
 * @param claims what is said of the variants
 * @param chart how it is drawn
 */
public record Suite(
    String name,
    String title,
    List<String> tasks,
    List<String> variants,
    List<Long> seeds,
    List<Claim> claims,
    Chart chart) {
  public Suite {
    Cell.requireName("suite", name);
    requireNonNull(title, "title");
    tasks = List.copyOf(tasks);
    variants = List.copyOf(variants);
    seeds = List.copyOf(seeds);
    claims = List.copyOf(claims);
    requireNonNull(chart, "chart");
  }

  /** How a suite is drawn. */
  public enum Chart {
    /** A dot with its spread for each variant. */
    DOTS,
    /** Scores against what the adapters cost, a line for each method. */
    COST;

    /** Its name, {@code dots}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whether a cell belongs to it. */
  public boolean holds(Cell cell) {
    return tasks.contains(cell.task())
        && variants.contains(cell.variant())
        && seeds.contains(cell.seed());
  }

  /** All its cells. */
  public List<Cell> cells() {
    return tasks.stream()
        .flatMap(
            task ->
                variants.stream()
                    .flatMap(variant -> seeds.stream().map(seed -> new Cell(task, variant, seed))))
        .toList();
  }
}
