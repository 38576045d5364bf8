package io.sluice.trainer.data;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which fields of a row hold the texts and the label.
 *
 * @param text field of the first text; {@code null}: {@code text}, else {@code a}
 * @param pair field of the second text; {@code null}: {@code b} where the first text is {@code a}
 *     and the source has a {@code b}, else none
 * @param label field of the label
 */
public record Columns(@Nullable String text, @Nullable String pair, String label) {
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
      return pair == null ? List.of(text) : List.of(text, pair);
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
    if (!fields.contains(first)) {
      missing.add(text == null ? "text (or a)" : first);
    }
    if (second != null && !fields.contains(second)) {
      missing.add(second);
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
}
