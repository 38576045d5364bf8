package io.sluice.cli.command.serve;

import io.sluice.cli.command.option.ConfigFile;
import java.util.Locale;
import picocli.CommandLine.Model.OptionSpec;

/**
 * An option's value in force and where it comes from.
 *
 * @param source {@code default}, {@code command line}, {@code environment}, or a file and its line
 */
record ServeSetting(OptionSpec option, String text, String source) {
  static final String DEFAULT = "default";
  static final String TYPED = "command line";
  static final String ENVIRONMENT = "environment";

  /** The name of the environment variable that stands for an option. */
  static String variable(OptionSpec option) {
    return "SLUICE_" + key(option).replace('-', '_').toUpperCase(Locale.ROOT);
  }

  private static String key(OptionSpec option) {
    return option.longestName().substring(2);
  }

  boolean isDefault() {
    return source.equals(DEFAULT);
  }

  /** Whether it is what it would be if nobody had said anything. */
  boolean saysDefault() {
    return text.equals(option.defaultValue());
  }

  /** A problem with it, beginning with its place. */
  String told(String expected) {
    String place =
        switch (source) {
          case TYPED, DEFAULT -> option.longestName();
          case ENVIRONMENT -> variable(option);
          default -> source + ": " + key(option);
        };
    return place + ": " + text + " (expected: " + expected + ")";
  }

  /** A line that {@link ConfigFile} reads, and the source as a comment. */
  String line() {
    boolean bare = text.matches("true|false|0|-?[1-9][0-9]{0,17}|[0-9]+\\.[0-9]+");
    String value = bare ? text : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    String from = source.equals(ENVIRONMENT) ? ENVIRONMENT + " " + variable(option) : source;
    return String.format(Locale.ROOT, "%-40s # %s", key(option) + " = " + value, from);
  }
}
