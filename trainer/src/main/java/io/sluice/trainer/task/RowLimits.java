package io.sluice.trainer.task;

import io.sluice.registry.answer.WindowLimits;
import org.jspecify.annotations.Nullable;

/**
 * How long rows may be.
 *
 * @param maxTokens longest row in tokens, special tokens included
 * @param stride tokens from the start of one window over a long text to the start of the next;
 *     {@code null}: half a window
 */
public record RowLimits(int maxTokens, @Nullable Integer stride) {
  /** The limits of windows; as many as a text takes. */
  WindowLimits windows() {
    return new WindowLimits(maxTokens, stride, Integer.MAX_VALUE);
  }
}
