package io.sluice.backbone;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/** A text to encode, or two that are encoded together. */
public record TextPair(String text, @Nullable String pair) {
  public TextPair {
    requireNonNull(text, "text");
  }

  /** A text by itself. */
  public static TextPair of(String text) {
    return new TextPair(text, null);
  }
}
