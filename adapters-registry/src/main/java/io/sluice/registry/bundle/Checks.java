package io.sluice.registry.bundle;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Range and text checks of the manifest's records; all throw {@link IllegalArgumentException}. */
final class Checks {
  static final int MAX_TEXT = 4096;
  private static final int MAX_PRINTED = 80;
  private static final Pattern IDENTIFIER = Pattern.compile("[a-z0-9_]{1,64}");

  private Checks() {}

  static void range(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + least + ".." + most + ")");
    }
  }

  static void notNegative(String name, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: >= 0)");
    }
  }

  static void finite(String name, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: a finite number)");
    }
  }

  static void identifier(String name, String value) {
    if (!IDENTIFIER.matcher(requireNonNull(value, name)).matches()) {
      throw new IllegalArgumentException(
          name + ": " + printable(value) + " (expected: " + IDENTIFIER + ")");
    }
  }

  /** Requires 1..{@value #MAX_TEXT} characters, not blank, no control character. */
  static void text(String name, String value) {
    requireNonNull(value, name);
    if (value.isBlank()
        || value.length() > MAX_TEXT
        || value.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          name
              + ": "
              + printable(value)
              + " (expected: 1.."
              + MAX_TEXT
              + " characters, not blank, no control characters)");
    }
  }

  static List<String> distinctTexts(String name, List<String> values) {
    List<String> copy = List.copyOf(requireNonNull(values, name));
    Set<String> seen = new HashSet<>();
    for (String value : copy) {
      text(name, value);
      if (!seen.add(value)) {
        throw new IllegalArgumentException(
            name + ": " + printable(value) + " twice (expected: distinct names)");
      }
    }
    return copy;
  }

  static SortedMap<String, String> sortedTexts(String name, Map<String, String> values) {
    SortedMap<String, String> copy = new TreeMap<>(requireNonNull(values, name));
    copy.forEach(
        (key, value) -> {
          text(name, key);
          // An empty setting is a legal one.
          if (!requireNonNull(value, name).isEmpty()) {
            text(name + "." + key, value);
          }
        });
    return Collections.unmodifiableSortedMap(copy);
  }

  /** The text in quotes, shortened, with everything but printable ASCII escaped. */
  static String printable(String text) {
    StringBuilder out = new StringBuilder("\"");
    text.chars()
        .limit(MAX_PRINTED)
        .forEach(
            c -> {
              if (c < ' ' || c > '~') {
                out.append(String.format(Locale.ROOT, "\\u%04x", c));
              } else {
                out.append((char) c);
              }
            });
    return out.append(text.length() > MAX_PRINTED ? "...\"" : "\"").toString();
  }
}
