package io.sluice.server.rpc;

/**
 * What a request may ask for.
 *
 * @param maxTextChars one text, in UTF-16 units
 * @param maxTasks tasks of one request
 * @param maxMessageBytes one message on the wire; gRPC refuses more with RESOURCE_EXHAUSTED
 */
public record RequestLimits(int maxTextChars, int maxTasks, int maxMessageBytes) {
  public RequestLimits {
    if (maxTextChars < 1) {
      throw new IllegalArgumentException(
          "maxTextChars: " + maxTextChars + " (expected: 1 or more)");
    }
    if (maxTasks < 1) {
      throw new IllegalArgumentException("maxTasks: " + maxTasks + " (expected: 1 or more)");
    }
    if (maxMessageBytes < 1) {
      throw new IllegalArgumentException(
          "maxMessageBytes: " + maxMessageBytes + " (expected: 1 or more)");
    }
  }

  /** 100,000 characters, 64 tasks, 4 MiB. */
  public static RequestLimits defaults() {
    return new RequestLimits(100_000, 64, 4 << 20);
  }
}
