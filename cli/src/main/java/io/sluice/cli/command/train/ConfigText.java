package io.sluice.cli.command.train;

import io.sluice.cli.command.option.ConfigFile;
import io.sluice.cli.command.option.RowsFrom;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** A command as it was given, as text that {@link ConfigFile} reads. */
final class ConfigText {
  private static final Set<String> LEFT_OUT =
      Set.of("--config", "--resume", "--run", "--stacktrace");

  private ConfigText() {}

  /**
   * The text.
   *
   * @param given what was typed or taken from a file; paths are made absolute
   * @param inForce all settings by name; those that were not given follow as comments
   */
  static String of(ParseResult given, Map<String, String> inForce) {
    TreeMap<String, String> lines = new TreeMap<>();
    for (OptionSpec option : given.matchedOptions()) {
      if (!LEFT_OUT.contains(option.longestName())) {
        lines.put(option.longestName().substring(2), value(option));
      }
    }
    StringBuilder text = new StringBuilder("# As given.\n");
    lines.forEach((key, value) -> text.append(key).append(" = ").append(value).append('\n'));
    text.append("\n# In force besides, because nothing else was given.\n");
    new TreeMap<>(inForce)
        .forEach(
            (key, value) -> {
              if (!lines.containsKey(key.replace('_', '-'))) {
                text.append("# ").append(key).append(" = ").append(quoted(value)).append('\n');
              }
            });
    return text.toString();
  }

  private static String value(OptionSpec option) {
    if (option.arity().max() == 0) {
      return "true";
    }
    List<String> values =
        option.isMultiValue() ? option.stringValues() : option.originalStringValues();
    if (option.isMultiValue() && values.size() > 1) {
      return "["
          + String.join(", ", values.stream().map(value -> literal(option, value)).toList())
          + "]";
    }
    return literal(option, values.get(values.size() - 1));
  }

  private static String literal(OptionSpec option, String value) {
    Class<?> type = option.isMultiValue() ? option.auxiliaryTypes()[0] : option.type();
    if (type == Path.class) {
      return quoted(Path.of(value).toAbsolutePath().normalize().toString());
    }
    if (type == RowsFrom.class) {
      return quoted(new RowsFrom(value).absolute().text());
    }
    return value.matches("0|-?[1-9][0-9]{0,17}") ? value : quoted(value);
  }

  private static String quoted(String value) {
    StringBuilder text = new StringBuilder("\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ' || c == 0x7f) {
        text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        text.append(c);
      }
    }
    return text.append('"').toString();
  }
}
