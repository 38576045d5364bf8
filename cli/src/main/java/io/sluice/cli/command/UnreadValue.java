package io.sluice.cli.command;

import java.net.URI;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** A value that is not of its option's type, told as everything else that is wrong. Stateless. */
final class UnreadValue {
  private static final String EXPECTED = " (expected: ";

  private UnreadValue() {}

  /** {@code --name: value (expected: ...)}; what picocli says where it is something else. */
  static String told(ParameterException failure) {
    ArgSpec argument = failure.getArgSpec();
    String value = failure.getValue();
    String found = failure.getMessage();
    if (argument == null || value == null || found == null || !found.startsWith("Invalid value")) {
      return String.valueOf(found);
    }
    String name =
        argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    String why =
        failure.getCause() instanceof TypeConversionException cause
            ? String.valueOf(cause.getMessage())
            : "";
    String bare = name.replaceFirst("^--", "") + ": ";
    if (why.startsWith(bare)) {
      return name + ": " + why.substring(bare.length());
    }
    if (why.contains(EXPECTED)) {
      return name + ": " + why;
    }
    String shown = value.isBlank() ? "\"" + value + "\"" : value;
    return name + ": " + shown + EXPECTED + expected(type(argument), value) + ")";
  }

  /** Of one value, where there may be several. */
  private static Class<?> type(ArgSpec argument) {
    Class<?>[] elements = argument.auxiliaryTypes();
    return argument.isMultiValue() && elements.length > 0 ? elements[0] : argument.type();
  }

  private static String expected(Class<?> type, String value) {
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(String::valueOf)
          .collect(Collectors.joining(", "));
    }
    boolean large = value.matches("[+-]?[0-9]+");
    if (type == int.class || type == Integer.class) {
      return "a whole number" + (large ? ", at most " + Integer.MAX_VALUE : "");
    }
    if (type == long.class || type == Long.class) {
      return "a whole number" + (large ? ", at most " + Long.MAX_VALUE : "");
    }
    if (type == double.class || type == Double.class) {
      return "a number";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    return type == URI.class ? "a URL" : "a " + type.getSimpleName();
  }
}
