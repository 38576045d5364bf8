package io.sluice.server.rpc;

/**
 * What a request may ask for.
 *
 * @param maxTextChars one text, in UTF-16 units
 * @param maxMessageBytes one message on the wire; gRPC refuses more with RESOURCE_EXHAUSTED
 */
public record RequestLimits(int maxTextChars, int maxMessageBytes) {
  public RequestLimits {
    if (maxTextChars < 1) {
      throw new IllegalArgumentException(
          "maxTextChars: " + maxTextChars + " (expected: 1 or more)");
    }
    if (maxMessageBytes < 1) {
      throw new IllegalArgumentException(
          "maxMessageBytes: " + maxMessageBytes + " (expected: 1 or more)");
    }
  }

  /** 100,000 characters, 4 MiB. */
  public static RequestLimits defaults() {
    return new RequestLimits(100_000, 4 << 20);
  }
}
