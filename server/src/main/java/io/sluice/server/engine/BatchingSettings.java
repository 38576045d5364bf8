package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How rows become batches.
 *
 * @param maxBatchTokens rows times longest row, at most; one row may exceed it alone
 * @param maxBatchRows rows of one batch, at most
 * @param maxQueuedRows rows waiting, at most; more are refused
 * @param maxDelay how long a row may be passed over in favour of a fuller length bucket; an idle
 *     engine never waits
 */
public record BatchingSettings(
    int maxBatchTokens, int maxBatchRows, int maxQueuedRows, Duration maxDelay) {
  public BatchingSettings {
    requireNonNull(maxDelay, "maxDelay");
    requirePositive("maxBatchTokens", maxBatchTokens);
    requirePositive("maxBatchRows", maxBatchRows);
    requirePositive("maxQueuedRows", maxQueuedRows);
    if (maxDelay.isNegative()) {
      throw new IllegalArgumentException("maxDelay: " + maxDelay + " (expected: 0 or more)");
    }
  }

  public static BatchingSettings defaults() {
    return new BatchingSettings(1024, 64, 1024, Duration.ofMillis(5));
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: 1 or more)");
    }
  }
}
