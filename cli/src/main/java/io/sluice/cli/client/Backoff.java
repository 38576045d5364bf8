package io.sluice.cli.client;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How long to wait before something that failed is tried again: twice as long each time, up to a
 * bound, and so often and no more.
 *
 * @param first before the second try
 * @param most between any two
 * @param tries after the first
 */
record Backoff(Duration first, Duration most, int tries) {
  Backoff {
    requireNonNull(first, "first");
    requireNonNull(most, "most");
    if (first.isNegative() || first.compareTo(most) > 0) {
      throw new IllegalArgumentException("first: " + first + " (expected: 0 to " + most + ")");
    }
  }

  /** A tenth of a second to five, ten times: half a minute together. */
  static Backoff standard() {
    return new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), 10);
  }

  /** Whether there is another try after so many failures. */
  boolean allows(int failures) {
    return failures <= tries;
  }

  /**
   * The wait after a failure.
   *
   * @param failures 1 or more
   * @param asked what the server asks for; it is given that, up to the bound
   */
  Duration delay(int failures, Duration asked) {
    int doublings = Math.min(failures - 1, Integer.SIZE - 2);
    Duration grown = first.multipliedBy(1L << doublings);
    Duration wanted = grown.compareTo(asked) < 0 ? asked : grown;
    return wanted.compareTo(most) < 0 ? wanted : most;
  }
}
