package io.sluice.cli.command.experiment;

import io.sluice.cli.command.option.ConfigFile;
import io.sluice.cli.command.option.RowsFrom;
import io.sluice.trainer.experiment.Cell;
import io.sluice.trainer.experiment.Claim;
import io.sluice.trainer.experiment.Suite;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * A TOML file that describes an experiment or a part of one: {@code seeds}, {@code title}, {@code
 * chart}, {@code [defaults]}, {@code [tasks.NAME]}, {@code [variants.NAME]} and {@code [[claims]]}.
 * The keys of defaults, tasks and variants are the options of {@code sluice train} without their
 * dashes.
 *
 * @param name of the suite that its variants make
 * @param title of that suite
 * @param seeds to run each cell over; empty if it does not say
 * @param chart how results are drawn
 * @param defaults what holds for all
 * @param tasks data and settings by name
 * @param variants settings by name
 * @param claims what is said of the variants
 */
record ExperimentFile(
    String name,
    String title,
    List<Long> seeds,
    Suite.Chart chart,
    Layer defaults,
    Map<String, Layer> tasks,
    Map<String, Layer> variants,
    List<Claim> claims) {
  private static final List<String> NOT_KEYS = List.of("--seed", "--max-latency-us", "--threads");
  private static final Set<String> DATA =
      Set.of("--data", "--dev", "--dev-share", "--layout", "--text", "--pair", "--label");
  private static final Set<String> ROWS = Set.of("--data", "--dev");

  /**
   * Reads a file.
   *
   * @param name of the suite
   * @param source what the file is called in messages
   * @param dataRoot what paths of rows are relative to
   * @param problems takes everything that is wrong, each with its line
   */
  static ExperimentFile read(
      String name, String source, String text, Path dataRoot, List<String> problems) {
    return new Reader(name, source, Toml.parse(text), dataRoot, problems).read();
  }

  /** Reads one file, once. */
  private static final class Reader {
    private final String name;
    private final String source;
    private final TomlParseResult toml;
    private final Path dataRoot;
    private final List<String> problems;
    private final CommandSpec options = CellOptions.spec();

    Reader(String name, String source, TomlParseResult toml, Path dataRoot, List<String> problems) {
      this.name = name;
      this.source = source;
      this.toml = toml;
      this.dataRoot = dataRoot;
      this.problems = problems;
    }

    ExperimentFile read() {
      toml.errors()
          .forEach(
              error ->
                  problems.add(
                      source
                          + ":"
                          + error.position().line()
                          + ": "
                          + error.getMessage()
                          + " (expected: TOML)"));
      String title = name;
      List<Long> seeds = List.of();
      Suite.Chart chart = Suite.Chart.DOTS;
      Layer defaults = Layer.NONE;
      Map<String, Layer> tasks = Map.of();
      Map<String, Layer> variants = Map.of();
      List<Claim> claims = List.of();
      if (!toml.hasErrors()) {
        for (String key : toml.keySet()) {
          Object value = toml.get(List.of(key));
          switch (key) {
            case "title" -> title = String.valueOf(value);
            case "seeds" -> seeds = seeds(value);
            case "chart" -> chart = chart(value);
            case "defaults" -> defaults = layer(List.of(key), value, false);
            case "tasks" -> tasks = layers(key, value, true);
            case "variants" -> variants = layers(key, value, false);
            case "claims" -> claims = claims(value);
            default ->
                problem(
                    List.of(key),
                    "unknown (expected: title, seeds, chart, defaults, tasks, variants or claims)");
          }
        }
        requireVariants(claims, variants);
      }
      return new ExperimentFile(name, title, seeds, chart, defaults, tasks, variants, claims);
    }

    private void problem(List<String> path, String problem) {
      var position = toml.inputPositionOf(path);
      problems.add(
          source
              + ":"
              + (position == null ? 0 : position.line())
              + ": "
              + String.join(".", path)
              + ": "
              + problem);
    }

    private List<Long> seeds(Object value) {
      List<Long> seeds = new ArrayList<>();
      if (value instanceof TomlArray list) {
        list.toList().stream()
            .filter(Long.class::isInstance)
            .forEach(seed -> seeds.add((Long) seed));
        if (!seeds.isEmpty()
            && seeds.size() == list.size()
            && seeds.stream().distinct().count() == seeds.size()) {
          return seeds;
        }
      }
      problem(List.of("seeds"), text(value) + " (expected: different whole numbers, [1, 2, 3])");
      return List.of();
    }

    private Suite.Chart chart(Object value) {
      for (Suite.Chart chart : Suite.Chart.values()) {
        if (chart.word().equals(value)) {
          return chart;
        }
      }
      problem(List.of("chart"), text(value) + " (expected: dots or cost)");
      return Suite.Chart.DOTS;
    }

    private Map<String, Layer> layers(String key, Object value, boolean data) {
      Map<String, Layer> layers = new LinkedHashMap<>();
      if (!(value instanceof TomlTable table)) {
        problem(List.of(key), text(value) + " (expected: [" + key + ".NAME])");
        return layers;
      }
      for (String entry : table.keySet()) {
        List<String> path = List.of(key, entry);
        try {
          Cell.requireName("name", entry);
        } catch (IllegalArgumentException e) {
          problem(path, String.valueOf(e.getMessage()));
        }
        layers.put(entry, layer(path, table.get(List.of(entry)), data));
      }
      return layers;
    }

    private Layer layer(List<String> path, @Nullable Object value, boolean data) {
      Map<String, List<String>> given = new LinkedHashMap<>();
      if (!(value instanceof TomlTable table)) {
        problem(path, text(value) + " (expected: a table)");
        return Layer.NONE;
      }
      for (String key : table.keySet()) {
        List<String> at = new ArrayList<>(path);
        at.add(key);
        Object set = table.get(List.of(key));
        try {
          if (key.equals("method") && Layer.FULL.equals(set)) {
            given.put("--method", List.of("--method=" + Layer.FULL));
          } else if (set != null) {
            ConfigFile.Entry entry = ConfigFile.entry(options, key, set, NOT_KEYS);
            String option = entry.option().longestName();
            requireRows(data, option);
            CellOptions.of(entry.arguments());
            given.put(option, ROWS.contains(option) ? resolved(entry) : entry.arguments());
          }
        } catch (RuntimeException e) {
          problem(at, String.valueOf(e.getMessage()));
        }
      }
      return new Layer(given);
    }

    private static void requireRows(boolean data, String option) {
      if (!data && DATA.contains(option)) {
        throw new IllegalArgumentException(
            "belongs to a task's rows (expected: in [tasks.NAME] only)");
      }
    }

    /** Paths as they are from here. */
    private List<String> resolved(ConfigFile.Entry entry) {
      String option = entry.option().longestName() + "=";
      return entry.arguments().stream()
          .map(argument -> new RowsFrom(argument.substring(option.length())))
          .map(rows -> option + rows.within(dataRoot).text())
          .toList();
    }

    private List<Claim> claims(Object value) {
      List<Claim> claims = new ArrayList<>();
      if (!(value instanceof TomlArray list)) {
        problem(List.of("claims"), text(value) + " (expected: [[claims]])");
        return claims;
      }
      for (Object element : list.toList()) {
        if (element instanceof TomlTable table
            && Set.of("subject", "against", "within").containsAll(table.keySet())
            && table.get("subject") instanceof String subject
            && table.get("against") instanceof String against
            && (!table.contains("within") || table.get("within") instanceof Number)) {
          Object within = table.get("within");
          claims.add(
              new Claim(
                  subject, against, within instanceof Number points ? points.doubleValue() : null));
        } else {
          problem(
              List.of("claims"),
              "not a claim (expected: subject and against, names of variants, and within, points)");
        }
      }
      return claims;
    }

    private void requireVariants(List<Claim> claims, Map<String, Layer> variants) {
      for (Claim claim : claims) {
        for (String variant : List.of(claim.subject(), claim.against())) {
          if (!variants.containsKey(variant)) {
            problem(
                List.of("claims"),
                variant
                    + " (expected: a variant, one of "
                    + String.join(", ", variants.keySet())
                    + ")");
          }
        }
      }
    }

    private static String text(@Nullable Object value) {
      return value instanceof TomlArray list ? list.toList().toString() : String.valueOf(value);
    }
  }
}
