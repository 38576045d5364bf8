package io.sluice.trainer.data;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A text, or pair of texts, with what is right about it, and the line it came from.
 *
 * @param text first (or only) text, not blank
 * @param pair second text of a pair task, or {@code null}
 * @param truth what should be answered
 * @param line line of the source on which the row begins, from 1; the row's number, from 1, where
 *     the source has no lines
 */
public record Example(String text, @Nullable String pair, Truth truth, int line) {
  public Example {
    requireNonNull(text, "text");
    requireNonNull(truth, "truth");
  }

  /** An example of one label. */
  public Example(String text, @Nullable String pair, String label, int line) {
    this(text, pair, new Truth.Label(label), line);
  }

  /**
   * The name of its one label.
   *
   * @throws IllegalStateException if it is no example of one label
   */
  public String label() {
    if (truth instanceof Truth.Label label) {
      return label.name();
    }
    throw new IllegalStateException("truth: " + truth + " (expected: one label)");
  }
}
