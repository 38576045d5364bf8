package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The queue before the engine: bounded, fair between tasks, rows of close lengths together.
 * Thread-safe; each thread that takes has a {@link Taker} of its own.
 *
 * <p>Rows gather while all who compute are busy and go at once when one of them is idle; if several
 * are, they share what is there. Right behind a batch, when those just answered may be about to ask
 * again, who computed it waits a moment until as many rows are there as were asked at once before,
 * see {@link Gathering}. Whose turn it is and who has room is a matter of shares, see {@link
 * FairQueue}: a full queue refuses who has as much of it as anybody, and so does one in which the
 * rows before a holder's would take longer than {@link BatchingSettings#maxQueueWait()}. The
 * server's own rows wait apart, see {@link BackgroundRows}.
 */
final class Batcher implements AutoCloseable {
  /** So long after a crowd its clients are likely to be back. */
  private static final Duration CALM = Duration.ofMillis(100);

  private final BatchingSettings settings;
  private final int wideAtOnce;
  private final LongSupplier nanoClock;
  private final ReentrantLock lock = new ReentrantLock();

  /** For takers that wait for any row: one is woken for each. */
  private final Condition arrived = lock.newCondition();

  /** For takers that wait for more rows. */
  private final Condition gathered = lock.newCondition();

  // All below guarded by lock.
  private final FairQueue queue;
  private final QueueLimits limits;
  private final BackgroundRows background;

  private final List<Taker> takers = new ArrayList<>();

  /** Takers that wait for any row. */
  private int idle;

  /** When a client's row came last. */
  private long submittedNanos;

  /** When there were last more batches at once than can be wide. */
  private long crowdedNanos;

  private boolean closed;

  /**
   * @param wideAtOnce how many batches can have several threads each at the same time
   */
  Batcher(BatchingSettings settings, int wideAtOnce, LongSupplier nanoClock) {
    this.wideAtOnce = wideAtOnce;
    this.settings = requireNonNull(settings, "settings");
    this.nanoClock = requireNonNull(nanoClock, "nanoClock");
    this.queue = new FairQueue(settings);
    this.limits = new QueueLimits(settings, queue);
    long nowNanos = nanoClock.getAsLong();
    this.background = new BackgroundRows(settings, nowNanos);
    this.submittedNanos = nowNanos - BackgroundRows.DESERTED.toNanos();
    this.crowdedNanos = nowNanos - CALM.toNanos();
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
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** One who takes batches from now on. */
  Taker taker() {
    lock.lock();
    try {
      Taker taker = new Taker(new Gathering(settings.maxGather(), nanoClock.getAsLong()));
      takers.add(taker);
      return taker;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Rows to be computed together.
   *
   * @param rows one or more, live when they were taken
   * @param wide whether so few others compute, and have lately, that there are several threads for
   *     each
   */
  record Batch(List<Row> rows, boolean wide) {
    int tokens() {
      return rows.stream().mapToInt(row -> row.tokens().length()).sum();
    }

    private boolean isBackground() {
      return rows.stream().allMatch(Row::isBackground);
    }

    private boolean isOf(Tokens text) {
      return rows.get(0).tokens().equals(text);
    }

    private boolean isUnderWay() {
      return !rows.stream().allMatch(row -> row.result().isDone());
    }
  }

  /** Takes batches one after another, each when the one before is done. For one thread. */
  final class Taker {
    private final Gathering gathering;
    private @Nullable Batch computing;

    private Taker(Gathering gathering) {
      this.gathering = gathering;
    }

    /**
     * The next batch. Waits while there are no rows.
     *
     * @return null when closed and empty
     */
    @Nullable Batch take() throws InterruptedException {
      while (true) {
        List<Row> dead = new ArrayList<>(0);
        lock.lockInterruptibly();
        try {
          if (!awaitRows()) {
            return null;
          }
          List<Row> rows = rows(dead);
          if (!rows.isEmpty()) {
            Batch batch = new Batch(rows, !isCrowded(rows));
            computing = batch;
            return batch;
          }
        } finally {
          lock.unlock();
          drop(dead);
        }
      }
    }

    /**
     * Tells how long the batch took, so that refusals can say when to come back.
     *
     * @param tokens of its rows
     */
    void finished(int rows, int tokens, long nanos) {
      lock.lock();
      try {
        Batch batch = computing;
        computing = null;
        if (batch != null && batch.isBackground()) {
          // Neither what clients wait for nor what they come back after.
          return;
        }
        limits.finished(tokens, nanos / (1 + underWay().size()));
        gathering.finished(rows, queue.rows(), nanos, nanoClock.getAsLong());
      } finally {
        lock.unlock();
      }
    }

    /** False when closed and empty. */
    private boolean awaitRows() throws InterruptedException {
      idle++;
      try {
        while (!isBackgroundsTurn() && queue.rows() == 0) {
          if (closed && background.isEmpty()) {
            return false;
          }
          if (background.isEmpty()) {
            arrived.await();
          } else {
            arrived.awaitNanos(gathering.backUntilNanos() - nanoClock.getAsLong());
          }
        }
        return true;
      } finally {
        idle--;
      }
    }

    /**
     * Whether the batches of now, or of a moment ago, are too many to have several threads each.
     */
    private boolean isCrowded(List<Row> rows) {
      long nowNanos = nanoClock.getAsLong();
      List<Batch> others = underWay();
      // One text for many tasks is no crowd that will be back.
      Tokens text = rows.get(0).tokens();
      if (1 + others.stream().filter(other -> !other.isOf(text)).count() > wideAtOnce) {
        crowdedNanos = nowNanos;
      }
      return 1 + others.size() + Math.min(idle, queue.rows()) > wideAtOnce
          || nowNanos - crowdedNanos < CALM.toNanos();
    }

    private List<Row> rows(List<Row> dead) throws InterruptedException {
      if (isBackgroundsTurn()) {
        long nowNanos = nanoClock.getAsLong();
        return background.take(nowNanos, nowNanos - submittedNanos);
      }
      gather();
      // Others who have nothing to do take their part.
      int share = (queue.rows() + idle) / (1 + idle);
      return queue.take(nanoClock.getAsLong(), share, dead);
    }

    /**
     * Whether the next batch is of background rows; with none of clients, once they had a chance.
     */
    private boolean isBackgroundsTurn() {
      if (background.isEmpty()) {
        return false;
      }
      long nowNanos = nanoClock.getAsLong();
      return background.isDue(nowNanos)
          || (queue.rows() == 0 && (closed || nowNanos - gathering.backUntilNanos() >= 0));
    }

    /**
     * Waits while rows are missing that were there before and are likely to be back in a moment.
     */
    private void gather() throws InterruptedException {
      long leftNanos = gathering.untilNanos() - nanoClock.getAsLong();
      if (leftNanos <= 0 || !isWorthWaiting()) {
        return;
      }
      while (leftNanos > 0 && isWorthWaiting()) {
        leftNanos = gathered.awaitNanos(leftNanos);
      }
      gathering.waited(!isWorthWaiting());
    }

    private boolean isWorthWaiting() {
      return gathering.isMissing(queue.rows())
          && queue.rows() < settings.maxBatchRows()
          && queue.tokens() < settings.maxBatchTokens()
          && !closed;
    }
  }

  /** One whose rows are all answered is not among them, though nobody has said so yet. */
  private List<Batch> underWay() {
    List<Batch> underWay = new ArrayList<>();
    for (Taker taker : takers) {
      Batch batch = taker.computing;
      if (batch != null && batch.isUnderWay()) {
        underWay.add(batch);
      }
    }
    return underWay;
  }

  int queuedRows() {
    lock.lock();
    try {
      return queue.rows();
    } finally {
      lock.unlock();
    }
  }

  /** Refuses every row from now on; {@link Taker#take} serves what is queued, then ends. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      arrived.signalAll();
      gathered.signalAll();
    } finally {
      lock.unlock();
    }
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
    arrived.signal();
    gathered.signalAll();
  }

  /** Outside the lock: completing a row runs code of others. */
  private void drop(List<Row> dead) {
    long nowNanos = nanoClock.getAsLong();
    dead.forEach(row -> row.drop(nowNanos));
  }
}
