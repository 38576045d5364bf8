package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.runtime.Device;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;

/**
 * How rows become batches.
 *
 * @param maxBatchTokens rows times longest row, at most; one row may exceed it alone
 * @param maxBatchRows rows of one batch, at most
 * @param maxQueuedRows rows waiting, at most; more are refused
 * @param maxDelay how long a row may be passed over in favour of a fuller length bucket; an idle
 *     engine never waits
 * @param maxGather how long a busy engine may wait, behind a batch, for the rows of those it has
 *     just answered, and never longer than a part of what the batch took; an idle engine never
 *     waits
 * @param maxQueueWait how long a row may have to wait for those before it, about, once more than a
 *     handful wait; one that would wait longer is refused, so that under overload what is answered
 *     is answered in time
 */
@RecordBuilder
public record BatchingSettings(
    int maxBatchTokens,
    int maxBatchRows,
    int maxQueuedRows,
    Duration maxDelay,
    Duration maxGather,
    Duration maxQueueWait)
    implements BatchingSettingsBuilder.With {
  public BatchingSettings {
    requirePositive("maxBatchTokens", maxBatchTokens);
    requirePositive("maxBatchRows", maxBatchRows);
    requirePositive("maxQueuedRows", maxQueuedRows);
    requireNotNegative("maxDelay", maxDelay);
    requireNotNegative("maxGather", maxGather);
    requireNotNegative("maxQueueWait", maxQueueWait);
  }

  public static BatchingSettings defaults() {
    return new BatchingSettings(
        1024, 64, 1024, Duration.ofMillis(5), Duration.ofMillis(4), Duration.ofSeconds(1));
  }

  /** For a device: a GPU takes as long for few rows as for some, so batches are larger there. */
  public static BatchingSettings on(Device device) {
    BatchingSettings host = defaults();
    return device.isCuda()
        ? new BatchingSettings(16_384, 128, 4096, host.maxDelay, host.maxGather, host.maxQueueWait)
        : host;
  }

  private static void requireNotNegative(String name, Duration duration) {
    requireNonNull(duration, name);
    if (duration.isNegative()) {
      throw new IllegalArgumentException(name + ": " + duration + " (expected: 0 or more)");
    }
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: 1 or more)");
    }
  }
}
