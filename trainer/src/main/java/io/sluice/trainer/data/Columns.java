package io.sluice.trainer.data;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which fields of a row hold the texts and the label.
 *
 * <p>A name with a field's in braces, <code>{premise} So {question}?</code>, is a text with the
 * field's put in.
 *
 * @param text field of the first text; {@code null}: {@code text}, else {@code a}
 * @param pair field of the second text; {@code null}: {@code b} where the first text is {@code a}
 *     and the source has a {@code b}, else none
 * @param label field of the label
 */
public record Columns(@Nullable String text, @Nullable String pair, String label) {
  private static final Pattern FIELD = Pattern.compile("\\{([^{}]+)}");

  public Columns {
    requireNonNull(label, "label");
  }

  /** {@code text} or {@code a} (and {@code b}), and {@code label}. */
  public static Columns defaults() {
    return new Columns(null, null, "label");
  }

  /** The names of the text fields, one or two, as manifests list them. */
  public record Resolved(String text, @Nullable String pair, String label) {
    public List<String> texts() {
      String first = template(text) ? "text" : text;
      return pair == null ? List.of(first) : List.of(first, template(pair) ? "pair" : pair);
    }
  }

  /**
   * Settles the names for a source.
   *
   * @param fields what the source's header or first row has
   * @throws IllegalArgumentException naming every field that is missing
   */
  Resolved resolve(Set<String> fields) {
    String first = text != null ? text : fields.contains("text") ? "text" : "a";
    String second = pair;
    if (second == null && text == null && first.equals("a") && fields.contains("b")) {
      second = "b";
    }
    List<String> missing = new ArrayList<>();
    for (String name : names(first)) {
      if (!fields.contains(name)) {
        missing.add(text == null ? "text (or a)" : name);
      }
    }
    for (String name : second == null ? List.<String>of() : names(second)) {
      if (!fields.contains(name)) {
        missing.add(name);
      }
    }
    if (!fields.contains(label)) {
      missing.add(label);
    }
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "fields: "
              + String.join(", ", fields)
              + " (expected: also "
              + String.join(", ", missing)
              + ")");
    }
    return new Resolved(first, second, label);
  }

  /** Whether a name is a text with fields in it. */
  static boolean template(String name) {
    return name.indexOf('{') >= 0;
  }

  /** The fields a name stands for. */
  static List<String> names(String name) {
    return template(name)
        ? FIELD.matcher(name).results().map(found -> found.group(1)).toList()
        : List.of(name);
  }

  /** The text of a template. */
  static String filled(String template, UnaryOperator<String> value) {
    return FIELD
        .matcher(template)
        .replaceAll(found -> Matcher.quoteReplacement(value.apply(found.group(1))));
  }
}
