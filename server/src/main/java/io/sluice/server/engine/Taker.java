package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes batches one after another from a {@link Batcher}, each when the one before is done. For one
 * thread.
 */
final class Taker {
  private final BatchingSettings settings;
  private final WaitingRows waiting;
  private final QueueLimits limits;
  private final Crowd crowd;
  private final LongSupplier nanoClock;

  private final Gathering gathering;
  private @Nullable Batch computing;

  /**
   * @param waiting whose lock guards limits and crowd as well
   */
  Taker(
      BatchingSettings settings,
      WaitingRows waiting,
      QueueLimits limits,
      Crowd crowd,
      LongSupplier nanoClock) {
    this.settings = requireNonNull(settings, "settings");
    this.waiting = requireNonNull(waiting, "waiting");
    this.limits = requireNonNull(limits, "limits");
    this.crowd = requireNonNull(crowd, "crowd");
    this.nanoClock = requireNonNull(nanoClock, "nanoClock");
    this.gathering = new Gathering(settings.maxGather(), nanoClock.getAsLong());
  }

  /**
   * The next batch. Waits while there are no rows.
   *
   * @return null when closed and empty
   */
  @Nullable Batch take() throws InterruptedException {
    while (true) {
      List<Row> dead = new ArrayList<>(0);
      waiting.lock().lockInterruptibly();
      try {
        endComputing();
        if (!waiting.awaitRows(gathering.backUntilNanos())) {
          return null;
        }
        List<Row> rows = rows(dead);
        if (!rows.isEmpty()) {
          int soon = Math.min(waiting.idle(), waiting.queue().rows());
          computing = crowd.begin(rows, soon, nanoClock.getAsLong());
          return computing;
        }
      } finally {
        waiting.lock().unlock();
        // Outside the lock: completing a row runs code of others.
        dead.forEach(row -> row.drop(nanoClock.getAsLong()));
      }
    }
  }

  /**
   * Tells how long the batch took, so that refusals can say when to come back.
   *
   * @param tokens of its rows
   */
  void finished(int rows, int tokens, long nanos) {
    waiting.lock().lock();
    try {
      Batch batch = endComputing();
      if (batch != null && batch.isBackground()) {
        // Neither what clients wait for nor what they come back after.
        return;
      }
      limits.finished(tokens, nanos / (1 + crowd.underWay()));
      gathering.finished(rows, waiting.queue().rows(), nanos, nanoClock.getAsLong());
    } finally {
      waiting.lock().unlock();
    }
  }

  private @Nullable Batch endComputing() {
    Batch batch = computing;
    computing = null;
    if (batch != null) {
      crowd.end(batch);
    }
    return batch;
  }

  private List<Row> rows(List<Row> dead) throws InterruptedException {
    if (waiting.isBackgroundsTurn(gathering.backUntilNanos())) {
      return waiting.takeBackground();
    }
    gather();
    // Others who have nothing to do take their part.
    int share = (waiting.queue().rows() + waiting.idle()) / (1 + waiting.idle());
    return waiting.queue().take(nanoClock.getAsLong(), share, dead);
  }

  /** Waits while rows are missing that were there before and are likely to be back in a moment. */
  private void gather() throws InterruptedException {
    long leftNanos = gathering.untilNanos() - nanoClock.getAsLong();
    if (leftNanos <= 0 || !isWorthWaiting()) {
      return;
    }
    waiting.awaitMore(leftNanos, this::isWorthWaiting);
    gathering.waited(!isWorthWaiting());
  }

  private boolean isWorthWaiting() {
    return gathering.isMissing(waiting.queue().rows())
        && waiting.queue().rows() < settings.maxBatchRows()
        && waiting.queue().tokens() < settings.maxBatchTokens()
        && !waiting.isClosed();
  }
}
