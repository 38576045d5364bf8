package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * One request and what came back, as its client saw it.
 *
 * @param client number of the client, from 0
 * @param task what was asked
 * @param intendedNanos when it should have been sent: the schedule of a paced client, otherwise
 *     {@code sentNanos}. Latency counts from here, so that a stalled server is not forgiven the
 *     requests that it kept from being sent
 * @param sentNanos when it was sent
 * @param receivedNanos when the reply or the refusal was there
 * @param status name of the gRPC status; {@code OK} for a reply
 * @param reply what was replied; null unless OK
 */
public record Exchange(
    int client,
    String task,
    long intendedNanos,
    long sentNanos,
    long receivedNanos,
    String status,
    @Nullable Reply reply) {
  /** Status of a reply. */
  public static final String OK = "OK";

  public Exchange {
    requireNonNull(task, "task");
    requireNonNull(status, "status");
    if (status.equals(OK) != (reply != null)) {
      throw new IllegalArgumentException(
          "reply: " + reply + " (expected: one exactly with status OK, not " + status + ")");
    }
  }

  /** From the moment it should have been sent to the reply. */
  public long latencyNanos() {
    return receivedNanos - intendedNanos;
  }

  /**
   * What a reply says about itself.
   *
   * @param digest of the bundle that answered, {@code sha256:} and 64 hex digits
   * @param generation of the registry snapshot it was admitted under
   * @param label the answer
   * @param tokens tokens computed
   * @param queueNanos waiting for the engine
   * @param tokenizeNanos turning text into tokens
   * @param computeNanos the batch it was part of
   */
  public record Reply(
      String digest,
      long generation,
      String label,
      int tokens,
      long queueNanos,
      long tokenizeNanos,
      long computeNanos) {
    public Reply {
      requireNonNull(digest, "digest");
      requireNonNull(label, "label");
    }
  }
}
