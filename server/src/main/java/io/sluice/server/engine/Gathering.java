package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How long the engine waits behind a batch for the rows of those it has just answered. Not
 * thread-safe.
 *
 * <p>Clients who ask again when they are answered come back together, a moment later. If the engine
 * begins with the first of them, they stay apart for ever, and two small batches cost more than one
 * large one. So it waits until as many rows are there as before, for a part of the time the batch
 * took; and where that was in vain, because clients come when they like, it does so more and more
 * seldom.
 */
final class Gathering {
  /** The wait at most: this part of the time the batch took. */
  private static final int PART = 8;

  /** Batches without a wait, at most, after waits in vain. */
  private static final int MOST_SKIPPED = 31;

  private final long maxNanos;

  /** Rows there were before the last batch was done: it and what it left. */
  private int askedAtOnce;

  private long backUntilNanos;
  private long untilNanos;
  private int skip;
  private int skipNext = 1;

  /**
   * @param most the longest wait
   */
  Gathering(Duration most, long nowNanos) {
    this.maxNanos = requireNonNull(most, "most").toNanos();
    this.backUntilNanos = nowNanos;
    this.untilNanos = nowNanos;
  }

  /** A batch of {@code rows} is done, took {@code tookNanos}, and {@code queued} rows wait. */
  void finished(int rows, int queued, long tookNanos, long nowNanos) {
    askedAtOnce = rows + queued;
    backUntilNanos = nowNanos + Math.min(maxNanos, tookNanos / PART);
    untilNanos = skip > 0 ? nowNanos : backUntilNanos;
    skip = Math.max(0, skip - 1);
  }

  /** Until when those whom the last batch answered are likely to be back, if they come back. */
  long backUntilNanos() {
    return backUntilNanos;
  }

  /** When the wait behind the last batch ends. */
  long untilNanos() {
    return untilNanos;
  }

  /** Whether rows that were there before are missing. */
  boolean isMissing(int queued) {
    return queued < askedAtOnce;
  }

  /** It was waited for rows; {@code complete}: until they were there. */
  void waited(boolean complete) {
    if (complete) {
      skipNext = 1;
    } else {
      skip = skipNext;
      skipNext = Math.min(MOST_SKIPPED, 2 * skipNext + 1);
    }
  }
}
