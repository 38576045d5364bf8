package io.sluice.trainer.experiment;

import java.util.Comparator;
import java.util.regex.Pattern;

/**
 * One run of an experiment's grid.
 *
 * @param task name of the data it learns
 * @param variant name of the settings it learns with
 * @param seed of every random number
 */
public record Cell(String task, String variant, long seed) implements Comparable<Cell> {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Comparator<Cell> ORDER =
      Comparator.comparing(Cell::task).thenComparing(Cell::variant).thenComparing(Cell::seed);

  public Cell {
    requireName("task", task);
    requireName("variant", variant);
  }

  /**
   * Refuses names that cannot be those of folders.
   *
   * @throws IllegalArgumentException saying which names can be
   */
  public static void requireName(String what, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          what + ": " + name + " (expected: letters, digits, '.', '_' and '-', 64 at most)");
    }
  }

  @Override
  public int compareTo(Cell other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return task + "/" + variant + "/seed-" + seed;
  }
}
