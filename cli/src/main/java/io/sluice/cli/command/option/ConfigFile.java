package io.sluice.cli.command.option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * A TOML file whose keys are a command's options without their dashes: {@code learning-rate =
 * 0.001}, with {@code _} for {@code -} if one likes. Lists stand for options that may be given
 * several times, {@code true} for options without a value.
 */
public final class ConfigFile {
  /** Options that say where the others come from, or that answer and do nothing else. */
  private static final Map<String, String> UNITS =
      Map.of(
          "MS", " of milliseconds", "SECONDS", " of seconds", "MIB", " of MiB", "KIB", " of KiB");

  private static final List<String> NOT_KEYS =
      List.of("--config", "--check-config", "--resume", "--help", "--version");

  private static final int FAR = 4;

  private ConfigFile() {}

  /**
   * An option and what the file gives it.
   *
   * @param arguments as they would have been typed
   */
  public record Entry(OptionSpec option, List<String> arguments) {}

  /**
   * Reads a file.
   *
   * @throws ParameterException with everything that is wrong in it, each with its line
   */
  public static List<Entry> read(Path file, CommandSpec command) {
    List<String> problems = new ArrayList<>();
    List<Placed> entries = read(file, command, problems);
    if (!problems.isEmpty()) {
      throw new ParameterException(command.commandLine(), String.join("\n", problems));
    }
    return entries.stream().map(Placed::entry).toList();
  }

  /**
   * An entry and where it is.
   *
   * @param where file and line
   */
  public record Placed(Entry entry, String where) {}

  /** Reads what is right in a file, and adds everything that is wrong to {@code problems}. */
  public static List<Placed> read(Path file, CommandSpec command, List<String> problems) {
    TomlParseResult toml;
    try {
      toml = Toml.parse(file);
    } catch (IOException e) {
      throw new ParameterException(
          command.commandLine(), "config: " + file + ": " + e + " (expected: a TOML file)", e);
    }
    toml.errors()
        .forEach(
            error ->
                problems.add(
                    file
                        + ":"
                        + error.position().line()
                        + ": "
                        + error.getMessage()
                        + " (expected: TOML)"));
    List<Placed> entries = new ArrayList<>();
    if (toml.errors().isEmpty()) {
      for (Map.Entry<String, Object> entry : toml.entrySet()) {
        String key = entry.getKey();
        var position = toml.inputPositionOf(List.of(key));
        String where = file + ":" + (position == null ? 0 : position.line());
        try {
          entries.add(new Placed(entry(command, key, entry.getValue(), NOT_KEYS), where));
        } catch (IllegalArgumentException e) {
          problems.add(where + ": " + key + ": " + e.getMessage());
        }
      }
    }
    return entries;
  }

  /** Whether an option can be given in a file. */
  public static boolean isKey(OptionSpec option) {
    return option.longestName().startsWith("--") && !NOT_KEYS.contains(option.longestName());
  }

  /**
   * What an option is given by text from elsewhere, as a file would give it.
   *
   * @throws IllegalArgumentException saying what is wrong, without the option's name
   */
  public static Entry entry(CommandSpec command, OptionSpec option, String text) {
    boolean flag = option.arity().max() == 0 && (text.equals("true") || text.equals("false"));
    Object value = flag ? Boolean.valueOf(text) : text;
    return entry(command, option.longestName().substring(2), value, NOT_KEYS);
  }

  /**
   * What a key gives.
   *
   * @param notKeys options that cannot be given so
   * @throws IllegalArgumentException saying what is wrong, without the key's name
   */
  public static Entry entry(CommandSpec command, String key, Object value, List<String> notKeys) {
    if (value instanceof TomlTable) {
      throw new IllegalArgumentException("a table (expected: keys at the top, named as options)");
    }
    String name = "--" + key.replace('_', '-');
    OptionSpec option = command.optionsMap().get(name);
    if (option == null || notKeys.contains(name)) {
      throw new IllegalArgumentException(
          "unknown (expected: " + expected(command, name, notKeys) + ")");
    }
    List<String> arguments = new ArrayList<>();
    if (option.arity().max() == 0) {
      if (!(value instanceof Boolean set)) {
        throw new IllegalArgumentException(value + " (expected: true or false)");
      }
      if (set) {
        arguments.add(name);
      }
    } else if (value instanceof TomlArray list) {
      requireList(option);
      for (Object element : list.toList()) {
        arguments.add(argument(option, name, element));
      }
    } else {
      arguments.add(argument(option, name, value));
    }
    return new Entry(option, arguments);
  }

  private static void requireList(OptionSpec option) {
    if (!option.isMultiValue()) {
      throw new IllegalArgumentException("a list (expected: one value)");
    }
  }

  /** What would have been typed; refused here, with its line, if it could not have been. */
  private static String argument(OptionSpec option, String name, Object value) {
    String text = String.valueOf(value);
    Class<?> type = option.isMultiValue() ? option.auxiliaryTypes()[0] : option.type();
    boolean number = value instanceof Long || value instanceof Double;
    if ((type == Integer.class || type == int.class || type == Long.class || type == long.class)
        && !text.matches("-?[0-9]+")) {
      throw new IllegalArgumentException(text + " (expected: a whole number" + unit(option) + ")");
    }
    if ((type == Double.class || type == double.class) && !number && !text.matches("[-+.0-9eE]+")) {
      throw new IllegalArgumentException(text + " (expected: a number)");
    }
    return name + "=" + text;
  }

  private static String expected(CommandSpec command, String name, List<String> notKeys) {
    TreeSet<String> known = new TreeSet<>(command.optionsMap().keySet());
    known.removeIf(option -> !option.startsWith("--") || notKeys.contains(option));
    String nearest = "";
    int least = FAR;
    for (String option : known) {
      int distance = distance(option, name);
      if (distance < least) {
        least = distance;
        nearest = option;
      }
    }
    return nearest.isEmpty()
        ? "one of " + String.join(", ", known.stream().map(option -> option.substring(2)).toList())
        : nearest.substring(2) + "?";
  }

  /** Letters to put in, take out or change to make one of the other (Levenshtein). */
  private static int distance(String one, String other) {
    int[] before = new int[other.length() + 1];
    for (int j = 0; j < before.length; j++) {
      before[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int[] row = new int[before.length];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int changed = before[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(changed, 1 + Math.min(row[j - 1], before[j]));
      }
      before = row;
    }
    return before[before.length - 1];
  }

  /** What a whole number counts, {@code " of seconds"}; empty when that needs no word. */
  public static String unit(OptionSpec option) {
    return UNITS.getOrDefault(option.paramLabel(), "");
  }
}
