package io.sluice.loadtest.swap;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;

/**
 * One activation as its caller saw it: the bundle began to answer somewhere between the two times.
 *
 * @param requestedNanos before the call
 * @param confirmedNanos after it
 */
public record Activated(Digest digest, long requestedNanos, long confirmedNanos) {
  public Activated {
    requireNonNull(digest, "digest");
    if (confirmedNanos < requestedNanos) {
      throw new IllegalArgumentException(
          "confirmedNanos: " + confirmedNanos + " (expected: >= " + requestedNanos + ")");
    }
  }

  /** How long the call took. */
  public long durationNanos() {
    return confirmedNanos - requestedNanos;
  }
}
