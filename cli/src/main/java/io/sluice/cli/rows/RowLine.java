package io.sluice.cli.rows;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.Surrogates;
import org.jspecify.annotations.Nullable;

/**
 * One row of the input. Immutable as long as nobody writes to {@code json}.
 *
 * @param source where it came from, for messages
 * @param number of its line, from 1
 * @param json an object
 */
public record RowLine(String source, long number, JsonNode json) {
  private static final String ID = "id";

  public RowLine {
    requireNonNull(source, "source");
    requireNonNull(json, "json");
  }

  /** What the row calls itself, to be given back; null if it says nothing. */
  public @Nullable JsonNode id() {
    return json.get(ID);
  }

  /**
   * The text that the row has under the first of these names it knows.
   *
   * @throws SluiceException INVALID_ARGUMENT when it has none, or something else there
   */
  public String text(String... names) {
    String found = textOrNull(names);
    if (found == null) {
      throw malformed("no \"" + String.join("\" or \"", names) + "\"", "a text");
    }
    return found;
  }

  /** As {@link #text}, but null when the row has none of the names. */
  public @Nullable String textOrNull(String... names) {
    for (String name : names) {
      JsonNode value = json.get(name);
      if (value != null && !value.isNull()) {
        if (!value.isTextual()) {
          throw malformed("\"" + name + "\": " + value.getNodeType(), "a text");
        }
        int torn = Surrogates.firstLone(value.textValue());
        if (torn >= 0) {
          throw malformed("\"" + name + "\": half a character at " + torn, "whole characters");
        }
        return value.textValue();
      }
    }
    return null;
  }

  private SluiceException malformed(String found, String expected) {
    return malformed(source, number, found, expected);
  }

  static SluiceException malformed(String source, long number, String found, String expected) {
    return new SluiceException(
        ErrorCode.INVALID_ARGUMENT,
        source + ": line " + number + ": " + found + " (expected: " + expected + ")");
  }
}
