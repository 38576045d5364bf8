package io.sluice.server.rpc;

import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * What a request may ask for.
 *
 * @param maxTextChars one text, in UTF-16 units
 * @param maxTasks tasks of one request
 * @param maxRows rows of one batch
 * @param maxRowsAhead rows of one batch or stream that are under way at a time
 * @param maxWindows windows of one passage
 * @param maxMessageBytes one message on the wire; gRPC refuses more with RESOURCE_EXHAUSTED
 */
@RecordBuilder
public record RequestLimits(
    int maxTextChars,
    int maxTasks,
    int maxRows,
    int maxRowsAhead,
    int maxWindows,
    int maxMessageBytes)
    implements RequestLimitsBuilder.With {
  public RequestLimits {
    requirePositive("maxTextChars", maxTextChars);
    requirePositive("maxTasks", maxTasks);
    requirePositive("maxRows", maxRows);
    requirePositive("maxRowsAhead", maxRowsAhead);
    requirePositive("maxWindows", maxWindows);
    requirePositive("maxMessageBytes", maxMessageBytes);
  }

  /**
   * 100,000 characters, 64 tasks, 1,024 rows, 16 of them at a time (so many may always wait, so one
   * call alone is never refused), 512 windows, 4 MiB.
   */
  public static RequestLimits defaults() {
    return new RequestLimits(100_000, 64, 1024, 16, 512, 4 << 20);
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: 1 or more)");
    }
  }
}
