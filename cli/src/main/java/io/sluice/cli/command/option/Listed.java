package io.sluice.cli.command.option;

import static java.util.stream.Collectors.joining;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.model.AdapterForm;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** What options spell out: several values separated by commas, one of a few words. */
public final class Listed {
  private static final Pattern RANGE = Pattern.compile("(\\d{1,6})(?:\\s*-\\s*(\\d{1,6}))?");
  private static final String ALL = "all";

  private Listed() {}

  /**
   * Reads {@code 1-6,12}.
   *
   * @param option name of the option, for what is wrong with it
   */
  public static SortedSet<Integer> numbers(String option, String text) {
    SortedSet<Integer> numbers = new TreeSet<>();
    for (String part : text.split(",", -1)) {
      Matcher range = RANGE.matcher(part.strip());
      if (!range.matches()) {
        throw wrong(option, text, "numbers and ranges, as 1-6,12");
      }
      int from = Integer.parseInt(range.group(1));
      int to = range.group(2) == null ? from : Integer.parseInt(range.group(2));
      if (to < from || to - from > 10_000) {
        throw wrong(option, text, "ranges that rise, as 1-6,12");
      }
      for (int number = from; number <= to; number++) {
        numbers.add(number);
      }
    }
    return numbers;
  }

  /** Reads {@code low-rank,scale-shift} or {@code all}. */
  public static Set<AdapterForm> forms(String text) {
    if (text.strip().toLowerCase(Locale.ROOT).equals(ALL)) {
      return EnumSet.allOf(AdapterForm.class);
    }
    Set<AdapterForm> forms = EnumSet.noneOf(AdapterForm.class);
    for (String part : text.split(",", -1)) {
      try {
        forms.add(AdapterForm.parse(part));
      } catch (IllegalArgumentException e) {
        throw new SluiceException(ErrorCode.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
      }
    }
    return forms;
  }

  /** The value whose word it is, in either spelling. */
  public static <T> T word(String text, T[] values, Function<T, String> words) {
    String wanted = text.strip().toLowerCase(Locale.ROOT).replace('_', '-');
    for (T value : values) {
      if (words.apply(value).equals(wanted)) {
        return value;
      }
    }
    throw new TypeConversionException(
        text + " (expected: " + Arrays.stream(values).map(words).collect(joining(" or ")) + ")");
  }

  private static SluiceException wrong(String option, String text, String expected) {
    return new SluiceException(
        ErrorCode.INVALID_ARGUMENT, option + ": " + text + " (expected: " + expected + ")");
  }
}
