package io.sluice.registry.answer;

import org.jspecify.annotations.Nullable;

/**
 * How a passage is cut into windows.
 *
 * @param maxTokens longest row in tokens, special tokens included
 * @param stride tokens from the start of one window to the start of the next; {@code null}: half a
 *     window
 * @param maxWindows more are refused
 */
public record WindowLimits(int maxTokens, @Nullable Integer stride, int maxWindows) {
  public WindowLimits {
    if (stride != null && stride < 1) {
      throw new IllegalArgumentException("stride: " + stride + " (expected: 1 or more)");
    }
    if (maxWindows < 1) {
      throw new IllegalArgumentException("maxWindows: " + maxWindows + " (expected: 1 or more)");
    }
  }
}
