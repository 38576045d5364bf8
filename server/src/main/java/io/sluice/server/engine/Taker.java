package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes batches one after another from a {@link Batcher}, each when the one before is done. For one
 * thread.
 */
final class Taker implements IdleThreads {
  private final BatchingSettings settings;
  private final WaitingRows waiting;
  private final QueueLimits limits;
  private final Crowd crowd;
  private final LongSupplier nanoClock;

  private final Gathering gathering;
  private @Nullable Batch computing;

  /** Rows of the batch taken last that others compute. For the taking thread only. */
  private final Set<Row> elsewhere = new HashSet<>();

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
    elsewhere.clear();
    while (true) {
      List<Row> dead = new ArrayList<>(0);
      waiting.lock().lockInterruptibly();
      try {
        endComputing();
        if (!waiting.awaitRows(gathering.backUntilNanos())) {
          return null;
        }
        if (waiting.hasShares()) {
          Batch share = waiting.takeShare();
          crowd.begin(share);
          computing = share;
          return share;
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
      if (batch != null && (batch.isBackground() || batch.isShare())) {
        // Neither what clients wait for nor what they come back after, or a part of that.
        return;
      }
      limits.finished(tokens, nanos / (1 + crowd.underWay()));
      gathering.finished(rows, waiting.queue().rows(), nanos, nanoClock.getAsLong());
    } finally {
      waiting.lock().unlock();
    }
  }

  @Override
  public int free() {
    waiting.lock().lock();
    try {
      return waiting.free();
    } finally {
      waiting.lock().unlock();
    }
  }

  @Override
  public boolean give(List<Begun> shares) {
    waiting.lock().lock();
    try {
      boolean wide = crowd.hasRoomFor(shares.size(), computing);
      List<Batch> batches = shares.stream().map(share -> Batch.share(share, wide)).toList();
      batches.forEach(share -> elsewhere.addAll(share.rows()));
      waiting.addShares(batches);
      return wide;
    } finally {
      waiting.lock().unlock();
    }
  }

  /** Whether a row of the batch taken last was handed over. */
  boolean isElsewhere(Row row) {
    return elsewhere.contains(row);
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
