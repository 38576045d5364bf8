package io.sluice.cli.command.train;

import io.sluice.cli.command.option.ConfigFile;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Stack;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Puts the options of a configuration file in front of the typed ones: of {@code --config FILE}, or
 * of the run that {@code --resume FOLDER} names. What is typed wins: an option that is typed, or
 * one that excludes it, is not taken from the file.
 */
public final class ConfigArguments implements IParameterPreprocessor {
  @Override
  @SuppressWarnings("JdkObsolete") // What picocli hands in.
  public boolean preprocess(
      Stack<String> arguments,
      CommandSpec command,
      @Nullable ArgSpec argument,
      Map<String, Object> info) {
    List<String> typed = new ArrayList<>(arguments);
    Collections.reverse(typed);
    if (!typed.isEmpty() && command.subcommands().containsKey(typed.get(0))) {
      return false;
    }
    Path file = file(typed);
    if (file == null) {
      return false;
    }
    Set<OptionSpec> settled = settled(typed, command);
    Deque<String> added = new ArrayDeque<>();
    for (ConfigFile.Entry entry : ConfigFile.read(file, command)) {
      if (!settled.contains(entry.option())) {
        added.addAll(entry.arguments());
      }
    }
    while (!added.isEmpty()) {
      arguments.push(added.removeLast());
    }
    return false;
  }

  private static @Nullable Path file(List<String> typed) {
    Path file = null;
    for (int i = 0; i < typed.size(); i++) {
      String[] parts = typed.get(i).split("=", 2);
      boolean resume = parts[0].equals("--resume");
      if (resume || parts[0].equals("--config")) {
        String value = parts.length > 1 ? parts[1] : i + 1 < typed.size() ? typed.get(i + 1) : "";
        file = resume ? Path.of(value, "config.toml") : Path.of(value);
      }
    }
    return file;
  }

  /** What is typed, and what that excludes. */
  private static Set<OptionSpec> settled(List<String> typed, CommandSpec command) {
    Set<OptionSpec> settled = new HashSet<>();
    for (String word : typed) {
      OptionSpec option = command.optionsMap().get(word.split("=", 2)[0]);
      if (option != null) {
        settled.add(option);
        ArgGroupSpec group = option.group();
        if (group != null && group.exclusive()) {
          settled.addAll(group.allOptionsNested());
        }
      }
    }
    return settled;
  }
}
