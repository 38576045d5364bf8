package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The queue before the engine: bounded, fair between tasks, rows of close lengths together.
 * Thread-safe; one thread takes.
 *
 * <p>Rows gather while the engine is busy and go at once when it is idle. Right behind a batch,
 * when those just answered may be about to ask again, it waits a moment until as many rows are
 * there as were asked at once before, see {@link Gathering}. Whose turn it is and who has room is a
 * matter of shares, see {@link FairQueue}: a full queue refuses who has as much of it as anybody,
 * and so does one in which the rows before a holder's would take longer than {@link
 * BatchingSettings#maxQueueWait()}. The server's own rows wait apart, see {@link BackgroundRows}.
 */
final class Batcher implements AutoCloseable {
  private final BatchingSettings settings;
  private final LongSupplier nanoClock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();

  // All below guarded by lock.
  private final FairQueue queue;
  private final QueueLimits limits;
  private final Gathering gathering;
  private final BackgroundRows background;

  /** When a client's row came last. */
  private long submittedNanos;

  /** Whether the batch taken last is of background rows. */
  private boolean inBackground;

  private boolean closed;

  Batcher(BatchingSettings settings, LongSupplier nanoClock) {
    this.settings = requireNonNull(settings, "settings");
    this.nanoClock = requireNonNull(nanoClock, "nanoClock");
    this.queue = new FairQueue(settings);
    this.limits = new QueueLimits(settings, queue);
    long nowNanos = nanoClock.getAsLong();
    this.gathering = new Gathering(settings.maxGather(), nowNanos);
    this.background = new BackgroundRows(settings, nowNanos);
    this.submittedNanos = nowNanos - BackgroundRows.DESERTED.toNanos();
  }

  /** Queues a client's rows one behind the other, or refuses them all. */
  void submit(Row... rows) {
    List<Row> coming = List.of(rows);
    List<Row> dead = new ArrayList<>(0);
    List<Row> displaced = new ArrayList<>(0);
    List<SluiceException> refusals = new ArrayList<>(0);
    lock.lock();
    try {
      refuseIfClosed();
      if (queue.rows() + rows.length > settings.maxQueuedRows() || limits.late(coming) != null) {
        queue.removeDead(nanoClock.getAsLong(), dead);
      }
      refuse(limits.late(coming));
      if (!queue.makeRoom(coming, displaced)) {
        throw limits.full(coming);
      }
      displaced.forEach(row -> refusals.add(limits.displaced(row.holder())));
      coming.forEach(this::add);
      submittedNanos = nanoClock.getAsLong();
    } finally {
      lock.unlock();
      drop(dead);
      for (int i = 0; i < refusals.size(); i++) {
        displaced.get(i).fail(refusals.get(i));
      }
    }
  }

  /**
   * Refuses what {@link #submit} would refuse for its wait, before work is put into it. Completes
   * nobody's rows: the caller is in the middle of a request.
   */
  void requireShortWait(Collection<Holder> holders) {
    lock.lock();
    try {
      Holder late = limits.lateOf(holders);
      if (late != null && !queue.hasDead(nanoClock.getAsLong())) {
        throw limits.tooLate(late);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Queues the server's own rows, which the bound does not hold up, as if clients asked. */
  void submitReserved(List<Row> rows) {
    lock.lock();
    try {
      requireRunning();
      rows.forEach(this::add);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Queues the server's own rows behind all others.
   *
   * @param groups each to be computed in one batch; the groups of a call one after another
   */
  void submitBackground(List<List<Row>> groups) {
    lock.lock();
    try {
      requireRunning();
      groups.forEach(group -> background.add(group, nanoClock.getAsLong()));
      filled.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next batch: one or more live rows. Waits while there are none.
   *
   * @return null when closed and empty
   */
  @Nullable List<Row> take() throws InterruptedException {
    while (true) {
      List<Row> dead = new ArrayList<>(0);
      lock.lockInterruptibly();
      try {
        while (!isBackgroundsTurn() && queue.rows() == 0) {
          if (closed && background.isEmpty()) {
            return null;
          }
          if (background.isEmpty()) {
            filled.await();
          } else {
            filled.awaitNanos(gathering.backUntilNanos() - nanoClock.getAsLong());
          }
        }
        inBackground = isBackgroundsTurn();
        if (inBackground) {
          long now = nanoClock.getAsLong();
          return background.take(now, now - submittedNanos);
        }
        gather();
        long nowNanos = nanoClock.getAsLong();
        List<Row> batch = queue.take(nowNanos, dead);
        if (!batch.isEmpty()) {
          return batch;
        }
      } finally {
        lock.unlock();
        drop(dead);
      }
    }
  }

  /**
   * Tells how long a batch took, so that refusals can say when to come back.
   *
   * @param tokens of its rows
   */
  void finished(int rows, int tokens, long nanos) {
    lock.lock();
    try {
      if (inBackground) {
        // Neither what clients wait for nor what they come back after.
        return;
      }
      limits.finished(tokens, nanos);
      gathering.finished(rows, queue.rows(), nanos, nanoClock.getAsLong());
    } finally {
      lock.unlock();
    }
  }

  int queuedRows() {
    lock.lock();
    try {
      return queue.rows();
    } finally {
      lock.unlock();
    }
  }

  /** Refuses every row from now on; {@link #take()} serves what is queued, then ends. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      filled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the next batch is of background rows; with none of clients, once they had a chance. */
  private boolean isBackgroundsTurn() {
    if (background.isEmpty()) {
      return false;
    }
    long nowNanos = nanoClock.getAsLong();
    return background.isDue(nowNanos)
        || (queue.rows() == 0 && (closed || nowNanos - gathering.backUntilNanos() >= 0));
  }

  /** Waits while rows are missing that were there before and are likely to be back in a moment. */
  private void gather() throws InterruptedException {
    long leftNanos = gathering.untilNanos() - nanoClock.getAsLong();
    if (leftNanos <= 0 || !isWorthWaiting()) {
      return;
    }
    while (leftNanos > 0 && isWorthWaiting()) {
      leftNanos = filled.awaitNanos(leftNanos);
    }
    gathering.waited(!isWorthWaiting());
  }

  private boolean isWorthWaiting() {
    return gathering.isMissing(queue.rows())
        && queue.rows() < settings.maxBatchRows()
        && queue.tokens() < settings.maxBatchTokens()
        && !closed;
  }

  private void requireRunning() {
    if (closed) {
      throw new SluiceException(ErrorCode.UNAVAILABLE, "server: closed (expected: running)");
    }
  }

  private void refuseIfClosed() {
    if (closed) {
      throw new SluiceException(
          ErrorCode.UNAVAILABLE, "server: draining (expected: accepting requests)");
    }
  }

  private void refuse(@Nullable Holder late) {
    if (late != null) {
      throw limits.tooLate(late);
    }
  }

  private void add(Row row) {
    queue.add(row);
    filled.signal();
  }

  /** Outside the lock: completing a row runs code of others. */
  private void drop(List<Row> dead) {
    long nowNanos = nanoClock.getAsLong();
    dead.forEach(row -> row.drop(nowNanos));
  }
}
