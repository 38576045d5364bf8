package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

/**
 * What the engine made of one text.
 *
 * @param tokens tokens computed, special tokens included
 * @param truncated whether the text was longer than the task takes
 * @param tokenizeNanos time the tokenizer took
 */
public record Answer(RowResult result, int tokens, boolean truncated, long tokenizeNanos) {
  public Answer {
    requireNonNull(result, "result");
  }
}
