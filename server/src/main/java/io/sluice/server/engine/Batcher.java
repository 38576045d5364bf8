package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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
  private final BatchingSettings settings;
  private final LongSupplier nanoClock;
  private final WaitingRows waiting;

  // Guarded by the lock of what waits.
  private final QueueLimits limits;
  private final Crowd crowd;

  /**
   * @param cores what those who take compute with
   */
  Batcher(BatchingSettings settings, Cores cores, LongSupplier nanoClock) {
    this.settings = requireNonNull(settings, "settings");
    this.nanoClock = requireNonNull(nanoClock, "nanoClock");
    this.waiting = new WaitingRows(settings, nanoClock);
    this.limits = new QueueLimits(settings, waiting.queue());
    this.crowd = new Crowd(cores, nanoClock.getAsLong());
  }

  /** Queues a client's rows one behind the other, or refuses them all. */
  void submit(Row... rows) {
    List<Row> coming = List.of(rows);
    List<Row> dead = new ArrayList<>(0);
    List<Row> displaced = new ArrayList<>(0);
    List<SluiceException> refusals = new ArrayList<>(0);
    waiting.lock().lock();
    try {
      refuseIfClosed();
      if (waiting.queue().rows() + rows.length > settings.maxQueuedRows()
          || limits.late(coming) != null) {
        waiting.queue().removeDead(nanoClock.getAsLong(), dead);
      }
      refuse(limits.late(coming));
      if (!waiting.queue().makeRoom(coming, displaced)) {
        throw limits.full(coming);
      }
      displaced.forEach(row -> refusals.add(limits.displaced(row.holder())));
      waiting.addOfClient(coming);
    } finally {
      waiting.lock().unlock();
      // Outside the lock: completing a row runs code of others.
      dead.forEach(row -> row.drop(nanoClock.getAsLong()));
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
    waiting.lock().lock();
    try {
      Holder late = limits.lateOf(holders);
      if (late != null && !waiting.queue().hasDead(nanoClock.getAsLong())) {
        throw limits.tooLate(late);
      }
    } finally {
      waiting.lock().unlock();
    }
  }

  /** Queues the server's own rows, which the bound does not hold up, as if clients asked. */
  void submitReserved(List<Row> rows) {
    waiting.lock().lock();
    try {
      requireRunning();
      waiting.add(rows);
    } finally {
      waiting.lock().unlock();
    }
  }

  /**
   * Queues the server's own rows behind all others.
   *
   * @param groups each to be computed in one batch; the groups of a call one after another
   */
  void submitBackground(List<List<Row>> groups) {
    waiting.lock().lock();
    try {
      requireRunning();
      waiting.addBackground(groups);
    } finally {
      waiting.lock().unlock();
    }
  }

  /** One who takes batches from now on. */
  Taker taker() {
    return new Taker(settings, waiting, limits, crowd, nanoClock);
  }

  int queuedRows() {
    waiting.lock().lock();
    try {
      return waiting.queue().rows();
    } finally {
      waiting.lock().unlock();
    }
  }

  /** Refuses every row from now on; {@link Taker#take} serves what is queued, then ends. */
  @Override
  public void close() {
    waiting.lock().lock();
    try {
      waiting.close();
    } finally {
      waiting.lock().unlock();
    }
  }

  private void requireRunning() {
    if (waiting.isClosed()) {
      throw new SluiceException(ErrorCode.UNAVAILABLE, "server: closed (expected: running)");
    }
  }

  private void refuseIfClosed() {
    if (waiting.isClosed()) {
      throw new SluiceException(
          ErrorCode.UNAVAILABLE, "server: draining (expected: accepting requests)");
    }
  }

  private void refuse(@Nullable Holder late) {
    if (late != null) {
      throw limits.tooLate(late);
    }
  }
}
