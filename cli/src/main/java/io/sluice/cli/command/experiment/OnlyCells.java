package io.sluice.cli.command.experiment;

import io.sluice.trainer.experiment.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Which cells of a grid are meant: for each of task, variant and seed that is named at all, those
 * that are named.
 *
 * @param named names by what they are of
 */
record OnlyCells(Map<String, Set<String>> named) {
  static final OnlyCells ALL = new OnlyCells(Map.of());

  private static final String TASK = "task";
  private static final String VARIANT = "variant";
  private static final String SEED = "seed";

  boolean task(String task) {
    return holds(TASK, task);
  }

  boolean holds(Cell cell) {
    return task(cell.task())
        && holds(VARIANT, cell.variant())
        && holds(SEED, Long.toString(cell.seed()));
  }

  private boolean holds(String what, String name) {
    Set<String> names = named.get(what);
    return names == null || names.contains(name);
  }

  /** Names that are not among those there are. */
  List<String> unknown(Set<String> tasks, Set<String> variants, Set<Long> seeds) {
    List<String> problems = new ArrayList<>();
    unknown(TASK, tasks, problems);
    unknown(VARIANT, variants, problems);
    Set<String> numbers = new TreeSet<>();
    seeds.forEach(seed -> numbers.add(Long.toString(seed)));
    unknown(SEED, numbers, problems);
    return problems;
  }

  private void unknown(String what, Set<String> known, List<String> problems) {
    for (String name : named.getOrDefault(what, Set.of())) {
      if (!known.contains(name)) {
        problems.add(
            "only: " + what + "=" + name + " (expected: one of " + String.join(", ", known) + ")");
      }
    }
  }

  /** Reads {@code task=rte,task=trec,variant=learned}. */
  static final class Converter implements ITypeConverter<OnlyCells> {
    @Override
    public OnlyCells convert(String text) {
      Map<String, Set<String>> named = new TreeMap<>();
      for (String part : text.split(",", -1)) {
        String[] pair = part.strip().split("=", 2);
        if (pair.length < 2 || !Set.of(TASK, VARIANT, SEED).contains(pair[0])) {
          throw new TypeConversionException(
              part + " (expected: task=NAME, variant=NAME or seed=N, with commas between)");
        }
        named.computeIfAbsent(pair[0], key -> new TreeSet<>()).add(pair[1]);
      }
      return new OnlyCells(named);
    }
  }
}
