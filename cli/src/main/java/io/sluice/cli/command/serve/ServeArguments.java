package io.sluice.cli.command.serve;

import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.ConfigFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * Puts together what {@code sluice serve} is given: by the command line, else by the environment,
 * else by the file of {@code --config}, else the default. Everything that is wrong in any of them
 * is told at once.
 */
public final class ServeArguments implements IParameterPreprocessor {
  @Override
  @SuppressWarnings("JdkObsolete") // What picocli hands in.
  public boolean preprocess(
      Stack<String> arguments,
      CommandSpec command,
      @Nullable ArgSpec argument,
      Map<String, Object> info) {
    List<String> words = new ArrayList<>(arguments);
    Collections.reverse(words);
    if (words.contains("--help") || words.contains("-h") || words.contains("--version")) {
      return false;
    }
    Map<String, String> environment = CommandProcess.of(command).environment();
    List<ServeSetting> typed = typed(words, command);
    List<String> problems = new ArrayList<>();
    Map<String, ServeSetting> settings = defaults(command);
    Path file = file(typed, environment);
    if (file != null) {
      for (ConfigFile.Placed placed : ConfigFile.read(file, command, problems)) {
        take(placed.entry(), placed.where(), settings, problems);
      }
    }
    fromEnvironment(environment, command, settings, problems);
    List<String> added = added(settings, typed);
    for (ServeSetting word : typed) {
      if (ConfigFile.isKey(word.option())) {
        check(word, problems);
        put(settings, word);
      }
    }
    problems.addAll(ServeValues.conflicts(settings));
    if (!problems.isEmpty()) {
      throw new ParameterException(command.commandLine(), String.join("\n", problems));
    }
    added.forEach(arguments::push);
    if (command.userObject() instanceof ServeCommand serve) {
      serve.inForce(List.copyOf(settings.values()));
    }
    return false;
  }

  private static Map<String, ServeSetting> defaults(CommandSpec command) {
    Map<String, ServeSetting> settings = new TreeMap<>();
    for (OptionSpec option : command.options()) {
      if (ConfigFile.isKey(option) && option.defaultValue() != null) {
        put(settings, new ServeSetting(option, option.defaultValue(), ServeSetting.DEFAULT));
      }
    }
    return settings;
  }

  private static void fromEnvironment(
      Map<String, String> environment,
      CommandSpec command,
      Map<String, ServeSetting> settings,
      List<String> problems) {
    for (OptionSpec option : command.options()) {
      if (!ConfigFile.isKey(option)) {
        continue;
      }
      String text = environment.get(ServeSetting.variable(option));
      if (text == null || text.isEmpty()) {
        continue;
      }
      try {
        ConfigFile.Entry entry = ConfigFile.entry(command, option, text);
        take(entry, ServeSetting.ENVIRONMENT, settings, problems);
      } catch (IllegalArgumentException e) {
        problems.add(ServeSetting.variable(option) + ": " + e.getMessage());
      }
    }
  }

  private static void take(
      ConfigFile.Entry entry,
      String source,
      Map<String, ServeSetting> settings,
      List<String> problems) {
    String name = entry.option().longestName();
    if (entry.arguments().isEmpty()) {
      // An option without a value that is set to false.
      settings.remove(name);
      return;
    }
    String last = entry.arguments().get(entry.arguments().size() - 1);
    String text = last.equals(name) ? "true" : last.substring(name.length() + 1);
    ServeSetting setting = new ServeSetting(entry.option(), text, source);
    check(setting, problems);
    put(settings, setting);
  }

  private static void check(ServeSetting setting, List<String> problems) {
    String expected = ServeValues.expected(setting.option(), setting.text());
    if (expected != null) {
      problems.add(setting.told(expected));
    }
  }

  private static void put(Map<String, ServeSetting> settings, ServeSetting setting) {
    settings.put(setting.option().longestName(), setting);
  }

  /** What the file and the environment add to what is typed. */
  private static List<String> added(Map<String, ServeSetting> settings, List<ServeSetting> typed) {
    List<String> added = new ArrayList<>();
    for (ServeSetting setting : settings.values()) {
      boolean overruled = typed.stream().anyMatch(word -> word.option().equals(setting.option()));
      if (!setting.isDefault() && !overruled) {
        added.add(setting.option().longestName() + "=" + setting.text());
      }
    }
    return added;
  }

  private static List<ServeSetting> typed(List<String> words, CommandSpec command) {
    List<ServeSetting> typed = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      String[] parts = words.get(i).split("=", 2);
      OptionSpec option = command.optionsMap().get(parts[0]);
      if (option == null) {
        continue;
      }
      String text = "true";
      if (parts.length > 1) {
        text = parts[1];
      } else if (option.arity().max() > 0) {
        i++;
        text = i < words.size() ? words.get(i) : "";
      }
      typed.add(new ServeSetting(option, text, ServeSetting.TYPED));
    }
    return typed;
  }

  private static @Nullable Path file(List<ServeSetting> typed, Map<String, String> environment) {
    String file = environment.getOrDefault("SLUICE_CONFIG", "");
    for (ServeSetting word : typed) {
      if (word.option().longestName().equals("--config")) {
        file = word.text();
      }
    }
    return file.isEmpty() ? null : Path.of(file);
  }
}
