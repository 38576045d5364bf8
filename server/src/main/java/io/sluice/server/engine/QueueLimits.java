package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.server.engine.OverloadedException.Reason;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whom a queue refuses, and what it tells them: who would wait too long by the pace of the batches
 * so far, and who has as much of a full queue as anybody. Not thread-safe.
 */
final class QueueLimits {
  private static final Duration LEAST_RETRY = Duration.ofMillis(1);
  private static final Duration MOST_RETRY = Duration.ofSeconds(5);
  private static final double NANOS_PER_MILLI = 1e6;

  /** So many may always wait: a burst this small is no overload, however slow the encoder. */
  private static final int ALWAYS_QUEUED_ROWS = 16;

  /** A batch of fewer tokens takes as long as one of so many, about. */
  private static final int LEAST_TOKENS = 128;

  /** What counts of earlier batches when another is done. */
  private static final double KEPT = 7 / 8.0;

  private final BatchingSettings settings;
  private final FairQueue queue;
  private double pastNanos;
  private double pastTokens;

  QueueLimits(BatchingSettings settings, FairQueue queue) {
    this.settings = requireNonNull(settings, "settings");
    this.queue = requireNonNull(queue, "queue");
  }

  /** A batch has taken {@code nanos}. */
  void finished(int tokens, long nanos) {
    pastNanos = KEPT * pastNanos + nanos;
    pastTokens = KEPT * pastTokens + Math.max(LEAST_TOKENS, tokens);
  }

  /** The pace; 0 before the first batch. */
  private double nanosPerToken() {
    return pastTokens == 0 ? 0 : pastNanos / pastTokens;
  }

  /** A holder of one of the rows that would wait for too long; null if there is none. */
  @Nullable Holder late(List<Row> coming) {
    if (!mayBeLate()) {
      return null;
    }
    Map<Holder, Long> tokens = new HashMap<>();
    coming.forEach(row -> tokens.merge(row.holder(), (long) row.tokens().length(), Long::sum));
    for (Map.Entry<Holder, Long> own : tokens.entrySet()) {
      if (isTooLong(waitNanos(own.getKey(), own.getValue()))) {
        return own.getKey();
      }
    }
    return null;
  }

  /** One of the holders whose next row, however short, would wait for too long; null if none. */
  @Nullable Holder lateOf(Collection<Holder> holders) {
    if (!mayBeLate()) {
      return null;
    }
    for (Holder holder : holders) {
      if (isTooLong(waitNanos(holder, 0))) {
        return holder;
      }
    }
    return null;
  }

  /** The refusal of a holder that is late. */
  OverloadedException tooLate(Holder holder) {
    double waitNanos = waitNanos(holder, 0);
    return new OverloadedException(
        Reason.QUEUE_WAIT,
        "queue of "
            + holder
            + ": "
            + Math.round(waitNanos / NANOS_PER_MILLI)
            + " ms of work before it (expected: at most "
            + settings.maxQueueWait().toMillis()
            + " ms)",
        retryAfter(waitNanos));
  }

  /** The refusal of rows there is no room for. */
  OverloadedException full(List<Row> coming) {
    Holder holder = coming.get(0).holder();
    int own = queue.rows(holder);
    if (queue.holders() > 1 && own > 0) {
      return overShare(holder, own + " of ");
    }
    return new OverloadedException(
        Reason.QUEUE_FULL,
        "queue: "
            + queue.rows()
            + " rows (expected: at most "
            + (settings.maxQueuedRows() - coming.size())
            + ")",
        retryAfter(nanosPerToken() * queue.tokens()));
  }

  /** The refusal of a row that was taken out for another. */
  OverloadedException displaced(Holder holder) {
    return overShare(holder, "more than its share of ");
  }

  private OverloadedException overShare(Holder holder, String rows) {
    return new OverloadedException(
        Reason.TASK_SHARE,
        "queue of "
            + holder
            + ": "
            + rows
            + settings.maxQueuedRows()
            + " rows (expected: fewer while others wait)",
        retryAfter(nanosPerToken() * queue.tokens()));
  }

  /** Nobody waits longer than for all that is there. */
  private boolean mayBeLate() {
    return queue.rows() >= ALWAYS_QUEUED_ROWS && isTooLong(nanosPerToken() * queue.tokens());
  }

  private boolean isTooLong(double nanos) {
    return nanos > settings.maxQueueWait().toNanos();
  }

  /** By the time of the tokens worked off last: the wait for what goes before. */
  private double waitNanos(Holder holder, long more) {
    return nanosPerToken() * queue.tokensBefore(holder, more);
  }

  private static Duration retryAfter(double nanos) {
    Duration guess = Duration.ofNanos((long) nanos);
    if (guess.compareTo(LEAST_RETRY) < 0) {
      return LEAST_RETRY;
    }
    return guess.compareTo(MOST_RETRY) > 0 ? MOST_RETRY : guess;
  }
}
