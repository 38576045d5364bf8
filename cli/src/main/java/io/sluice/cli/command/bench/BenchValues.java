package io.sluice.cli.command.bench;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.Device;
import io.sluice.cli.command.option.Listed;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.ThreadsOption;
import io.sluice.cli.command.option.ValueRange;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * What the options of benchmarks may be, so that all that is wrong is told before anything is
 * started. Stateless.
 */
final class BenchValues {
  private static final ValueRange TIME = new ValueRange(0.001, 86_400);
  private static final ValueRange ROUNDS = new ValueRange(1, 10_000);
  private static final ValueRange MILLIS = new ValueRange(1, 3_600_000);
  private static final ValueRange MEBIBYTES = new ValueRange(0, 1 << 20);
  private static final ValueRange PER_SECOND = new ValueRange(0.001, 1e6);
  private static final ValueRange TASKS = new ValueRange(1, 10_000);
  private static final ValueRange LOAD = new ValueRange(0.001, 100);

  /** By the option; by the command and the option where a command has a range of its own. */
  private static final Map<String, ValueRange> RANGES =
      Map.ofEntries(
          Map.entry("--seconds", TIME),
          Map.entry("--minutes", new ValueRange(0.001, 1_440)),
          Map.entry("--sample-every", TIME),
          Map.entry("--repeats", ROUNDS),
          Map.entry("--texts", ROUNDS),
          Map.entry("--fresh", ROUNDS),
          Map.entry("--objective", MILLIS),
          Map.entry("--bound", MILLIS),
          Map.entry("--tasks", TASKS),
          Map.entry("multi --tasks", new ValueRange(1, 64)),
          Map.entry("soak --tasks", new ValueRange(2, 10_000)),
          Map.entry("--counts", new ValueRange(1, 100_000)),
          Map.entry("engine --tasks", new ValueRange(1, 100_000)),
          Map.entry("--zipf", new ValueRange(0, 100)),
          Map.entry("--rank", new ValueRange(1, 1_024)),
          Map.entry("--connections", new ValueRange(1, 16)),
          Map.entry("--clients", new ValueRange(1, 1_024)),
          Map.entry("--rates", PER_SECOND),
          Map.entry("--swaps-per-second", new ValueRange(0.001, 1_000)),
          Map.entry("--changes-per-second", new ValueRange(0.001, 1_000)),
          Map.entry("--load", LOAD),
          Map.entry("--peer-memory", MEBIBYTES),
          Map.entry("--express-memory", MEBIBYTES),
          Map.entry("--threads", new ValueRange(1, ThreadsOption.MOST)),
          Map.entry("--rows", new ValueRange(1, 65_536)),
          Map.entry("--batch", new ValueRange(1, 65_536)),
          Map.entry("--trainings", new ValueRange(1, 256)),
          Map.entry("--tokens", new ValueRange(3, 128)),
          Map.entry("engine --tokens", new ValueRange(1, 65_536)),
          Map.entry("device --tokens", new ValueRange(1, 65_536)));

  private BenchValues() {}

  /**
   * Refuses values that no benchmark could use, all of them at once.
   *
   * @throws SluiceException {@code INVALID_ARGUMENT} with a line for each
   */
  static void require(CommandSpec command) {
    List<String> problems = new ArrayList<>();
    for (OptionSpec option : command.options()) {
      Object value = option.getValue();
      String expected = value == null ? null : expected(command.name(), option, value);
      if (expected != null) {
        problems.add(told(option, value, expected));
      }
    }
    throwIfAny(problems);
  }

  /**
   * Refuses numbers that are beyond the backbone.
   *
   * @throws SluiceException {@code INVALID_ARGUMENT} with a line for each
   */
  static void requireFit(CommandSpec command, Backbone backbone) {
    List<String> problems = new ArrayList<>();
    most(command, "--points", backbone.points(), " points of " + backbone.name(), problems);
    most(command, "--tokens", backbone.maxPositions(), " tokens of " + backbone.name(), problems);
    throwIfAny(problems);
  }

  private static void most(
      CommandSpec command, String name, int most, String of, List<String> problems) {
    OptionSpec option = command.findOption(name);
    Object value = option == null ? null : option.getValue();
    if (option != null && value instanceof Integer number && (number < 1 || number > most)) {
      problems.add(told(option, number, "1 to " + most + of));
    }
  }

  private static @Nullable String expected(String command, OptionSpec option, Object value) {
    String name = option.longestName();
    ValueRange range = RANGES.getOrDefault(command + " " + name, RANGES.get(name));
    if (range != null) {
      return numbers(name, value).stream().allMatch(range::holds) ? null : range.toString();
    }
    return switch (name) {
      case "--device" -> device(command, String.valueOf(value));
      case "--bundle" -> Files.isRegularFile((Path) value) ? null : "a bundle's file";
      case "--out", "--files" -> Output.isFolder((Path) value) ? null : "a folder to write to";
      case "--backbone" -> BenchBackbone.expected(String.valueOf(value));
      default -> null;
    };
  }

  /** An option of several numbers is a list, or a text with commas. */
  private static List<Double> numbers(String name, Object value) {
    if (value instanceof String text) {
      return Listed.numbers(name.substring(2), text).stream().map(Integer::doubleValue).toList();
    }
    Collection<?> all = value instanceof Collection<?> several ? several : List.of(value);
    return all.stream().map(number -> ((Number) number).doubleValue()).toList();
  }

  private static @Nullable String device(String command, String word) {
    if (command.equals("engine") && word.equals("auto")) {
      return null;
    }
    try {
      Device.parse(word);
      return null;
    } catch (SluiceException e) {
      return "cpu, cuda or cuda:N";
    }
  }

  private static String told(OptionSpec option, Object value, String expected) {
    String text = value instanceof Collection<?> several ? joined(several) : String.valueOf(value);
    return option.longestName().substring(2) + ": " + text + " (expected: " + expected + ")";
  }

  private static String joined(Collection<?> several) {
    return String.join(",", several.stream().map(String::valueOf).toList());
  }

  private static void throwIfAny(List<String> problems) {
    if (!problems.isEmpty()) {
      throw new SluiceException(ErrorCode.INVALID_ARGUMENT, String.join("\n", problems));
    }
  }
}
