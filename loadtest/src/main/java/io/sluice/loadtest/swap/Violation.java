package io.sluice.loadtest.swap;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.Exchange;

/**
 * A reply that no correct server gives.
 *
 * @param exchange the reply, with its times
 * @param message what is wrong with it
 */
public record Violation(Kind kind, Exchange exchange, String message) {
  /** The ways to be wrong. */
  public enum Kind {
    /** Its digest was active at no moment between its send and its receipt. */
    DIGEST_NOT_ACTIVE,
    /** Its generation is older than one that had been seen before it was sent. */
    GENERATION_WENT_BACK,
    /** Its generation has answered with another digest as well. */
    GENERATION_WITH_TWO_DIGESTS
  }

  public Violation {
    requireNonNull(kind, "kind");
    requireNonNull(exchange, "exchange");
    requireNonNull(message, "message");
  }
}
