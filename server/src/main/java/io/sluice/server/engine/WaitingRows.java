package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The rows that wait for the engine, of clients and of the server itself, and those who wait for
 * rows. All but {@link #lock()} is for who holds that lock, which guards as well what those who
 * bring rows and those who take them share beside this.
 */
final class WaitingRows {
  private final ReentrantLock lock = new ReentrantLock();

  /** For those who wait for any row: one is woken for each. */
  private final Condition arrived = lock.newCondition();

  /** For those who wait for more rows. */
  private final Condition gathered = lock.newCondition();

  private final LongSupplier nanoClock;

  // All below guarded by lock.
  private final FairQueue queue;
  private final BackgroundRows background;

  /** Shares of batches that are under way, before all else: their rows had their turn. */
  private final ArrayDeque<Batch> shares = new ArrayDeque<>();

  /** Those who wait for any row. */
  private int idle;

  /** When a client's row came last. */
  private long submittedNanos;

  private boolean closed;

  WaitingRows(BatchingSettings settings, LongSupplier nanoClock) {
    this.nanoClock = requireNonNull(nanoClock, "nanoClock");
    long nowNanos = nanoClock.getAsLong();
    this.queue = new FairQueue(settings);
    this.background = new BackgroundRows(settings, nowNanos);
    this.submittedNanos = nowNanos - BackgroundRows.DESERTED.toNanos();
  }

  ReentrantLock lock() {
    return lock;
  }

  FairQueue queue() {
    return queue;
  }

  void addOfClient(List<Row> rows) {
    add(rows);
    submittedNanos = nanoClock.getAsLong();
  }

  /** The server's own, served as if clients asked. */
  void add(List<Row> rows) {
    for (Row row : rows) {
      queue.add(row);
      arrived.signal();
    }
    gathered.signalAll();
  }

  /** Shares of a batch, for as many as are {@link #free()} at most. */
  void addShares(List<Batch> handed) {
    for (Batch share : handed) {
      shares.add(share);
      arrived.signal();
    }
  }

  boolean hasShares() {
    return !shares.isEmpty();
  }

  /** The first of the shares, of which there is one. */
  Batch takeShare() {
    return shares.remove();
  }

  /** The server's own that wait behind all others. */
  void addBackground(List<List<Row>> groups) {
    long nowNanos = nanoClock.getAsLong();
    groups.forEach(group -> background.add(group, nowNanos));
    arrived.signalAll();
  }

  /** The next batch of background rows, if it {@linkplain #isBackgroundsTurn is their turn}. */
  List<Row> takeBackground() {
    long nowNanos = nanoClock.getAsLong();
    return background.take(nowNanos, nowNanos - submittedNanos);
  }

  /**
   * Whether the next batch is of background rows; with none of clients, once they had a chance.
   *
   * @param backUntilNanos until when clients are likely to come back
   */
  boolean isBackgroundsTurn(long backUntilNanos) {
    if (background.isEmpty()) {
      return false;
    }
    long nowNanos = nanoClock.getAsLong();
    return background.isDue(nowNanos)
        || (queue.rows() == 0 && (closed || nowNanos - backUntilNanos >= 0));
  }

  /** How many wait in {@link #awaitRows}. */
  int idle() {
    return idle;
  }

  /** How many of those will find nothing to take. */
  int free() {
    return Math.max(0, idle - shares.size() - queue.rows());
  }

  /**
   * Gives the lock up until there are rows that can be taken.
   *
   * @param backUntilNanos until when background rows stay behind clients that may come
   * @return false when closed and empty
   */
  boolean awaitRows(long backUntilNanos) throws InterruptedException {
    idle++;
    try {
      while (shares.isEmpty() && !isBackgroundsTurn(backUntilNanos) && queue.rows() == 0) {
        if (closed && background.isEmpty()) {
          return false;
        }
        if (background.isEmpty()) {
          arrived.await();
        } else {
          arrived.awaitNanos(backUntilNanos - nanoClock.getAsLong());
        }
      }
      return true;
    } finally {
      idle--;
    }
  }

  /** Gives the lock up while more rows are worth waiting for, and no longer than that. */
  void awaitMore(long nanos, BooleanSupplier isWorthIt) throws InterruptedException {
    long leftNanos = nanos;
    while (leftNanos > 0 && isWorthIt.getAsBoolean()) {
      leftNanos = gathered.awaitNanos(leftNanos);
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** No more rows will come: wakes all who wait for them. */
  void close() {
    closed = true;
    arrived.signalAll();
    gathered.signalAll();
  }
}
