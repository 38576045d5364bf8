package io.sluice.trainer.data;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * One labelled text, or pair of texts, and the line it came from.
 *
 * @param text first (or only) text, not blank
 * @param pair second text of a pair task, or {@code null}
 * @param label name of its class, not blank
 * @param line line of the source on which the row begins, from 1
 */
public record Example(String text, @Nullable String pair, String label, int line) {
  public Example {
    requireNonNull(text, "text");
    requireNonNull(label, "label");
  }
}
