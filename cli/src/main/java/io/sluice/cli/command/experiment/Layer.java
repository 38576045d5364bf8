package io.sluice.cli.command.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Options as a table of an experiment's file gives them, by name, as they would have been typed.
 * Immutable.
 */
record Layer(Map<String, List<String>> options) {
  static final Layer NONE = new Layer(Map.of());

  /** Options of which a layer that gives one gives all: those below do not hold any more. */
  private static final List<Set<String>> TOGETHER =
      List.of(
          Set.of("--max-params", "--max-points", "--sparsity", "--max-latency-us"),
          Set.of("--steps", "--epochs"));

  private static final String METHOD = "--method";

  /** The method that is no option of a training, as it makes no bundle. */
  static final String FULL = "full";

  Layer {
    options = Map.copyOf(options);
  }

  /** This layer's options, and those of the layer below that this one leaves as they are. */
  Layer over(Layer below) {
    Map<String, List<String>> all = new LinkedHashMap<>(below.options);
    for (Set<String> names : TOGETHER) {
      if (names.stream().anyMatch(options::containsKey)) {
        names.forEach(all::remove);
      }
    }
    all.putAll(options);
    return new Layer(all);
  }

  /** Whether the encoder itself learns. */
  boolean full() {
    return List.of(METHOD + "=" + FULL).equals(options.get(METHOD));
  }

  /** All of them as a command line. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    options.keySet().stream()
        .sorted()
        .filter(name -> !(full() && name.equals(METHOD)))
        .forEach(name -> arguments.addAll(options.getOrDefault(name, List.of())));
    return arguments;
  }
}
