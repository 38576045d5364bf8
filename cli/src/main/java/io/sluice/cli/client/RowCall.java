package io.sluice.cli.client;

import static java.util.Objects.requireNonNull;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Rows on their way to a server, so few of them at a time that none lies long in memory.
 * Thread-safe.
 *
 * <p>A row that a full queue refuses is sent again after a while, and fewer rows are with the
 * server from then on: half as many, and one more for each reply. When the channel breaks because
 * the server goes, or has no room for it, all rows without a reply are sent again over another.
 * Outcomes go on in the order of the rows whatever happens.
 *
 * @param <Q> a row's request
 * @param <R> its reply
 */
final class RowCall<Q, R> {
  /** One row on its way; guarded by the call. */
  private static final class Row<Q, R> {
    final long id;
    final Q request;
    int refusals;

    /** Refused, and not yet to be sent again. */
    boolean rests;

    @Nullable RowOutcome<R> outcome;

    Row(long id, Q request) {
      this.id = id;
      this.request = request;
    }
  }

  private final Supplier<RowChannel<Q, R>> channels;
  private final int atATime;
  private final Consumer<RowOutcome<R>> each;
  private final Duration timeout;
  private final Backoff backoff;
  private final Semaphore room;
  private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
  private volatile long heardNanos = System.nanoTime();

  // All below guarded by this.
  private final Map<Long, Row<Q, R>> rows = new LinkedHashMap<>();
  private final Deque<Row<Q, R>> waiting = new ArrayDeque<>();
  private int sent;
  private int most;
  private @Nullable RowChannel<Q, R> open;
  private long lastId;
  private boolean met;
  private int breaks;
  private boolean halfClosed;

  /** The requests up to the first that cannot be read: those before it are answered. */
  private static final class Source<Q> {
    private final Iterator<? extends Q> requests;
    private @Nullable RuntimeException broken;

    Source(Iterator<? extends Q> requests) {
      this.requests = requests;
    }

    @Nullable Q next() {
      try {
        return requests.hasNext() ? requests.next() : null;
      } catch (RuntimeException e) {
        broken = e;
        return null;
      }
    }

    void throwIfBroken() {
      if (broken != null) {
        throw broken;
      }
    }
  }

  /** Waits for something a while. */
  private interface Waiting {
    boolean within(long nanos) throws InterruptedException;
  }

  /**
   * @param channels makes those that have not been started
   * @param atATime how many rows are under way at the most
   * @param each hears the last outcome of every row, in the order of the rows
   * @param timeout from one sign of the server to the next
   */
  RowCall(
      Supplier<RowChannel<Q, R>> channels,
      int atATime,
      Consumer<RowOutcome<R>> each,
      Duration timeout,
      Backoff backoff) {
    this.channels = requireNonNull(channels, "channels");
    this.atATime = atATime;
    this.each = requireNonNull(each, "each");
    this.timeout = requireNonNull(timeout, "timeout");
    this.backoff = requireNonNull(backoff, "backoff");
    this.room = new Semaphore(atATime);
    this.most = atATime;
  }

  /**
   * Sends rows as there is room for them, and waits for the last outcome.
   *
   * @throws StatusRuntimeException when the way to the server is no good one, or replies stop
   *     coming; what hears the outcomes throws is passed on
   */
  void send(Iterator<? extends Q> requests) {
    Source<Q> source = new Source<>(requests);
    try {
      begin();
      for (Q request = source.next(); request != null; request = source.next()) {
        await(nanos -> room.tryAcquire(nanos, TimeUnit.NANOSECONDS));
        if (end.isDone()) {
          break;
        }
        add(request);
      }
      finish();
      await(this::awaitEnd);
    } finally {
      cancel();
    }
    source.throwIfBroken();
  }

  private synchronized void add(Q request) {
    long id = ++lastId;
    Row<Q, R> row = new Row<>(id, request);
    rows.put(id, row);
    waiting.add(row);
    pump();
  }

  /** Sends what may be with the server now. */
  private void pump() {
    while (open != null && sent < most && !waiting.isEmpty()) {
      sent++;
      Row<Q, R> row = waiting.remove();
      open.send(row.id, row.request);
    }
  }

  private synchronized void finish() {
    halfClosed = true;
    completeIfDone();
  }

  private synchronized void completeIfDone() {
    if (halfClosed && rows.isEmpty() && open != null) {
      open.complete();
    }
  }

  /** Opens a channel and sends what has no outcome. */
  private synchronized void begin() {
    if (end.isDone()) {
      return;
    }
    RowChannel<Q, R> channel = channels.get();
    open = channel;
    sent = 0;
    waiting.clear();
    rows.values().stream().filter(row -> row.outcome == null && !row.rests).forEach(waiting::add);
    channel.start(new Hearing(channel));
    pump();
    completeIfDone();
  }

  private synchronized void heard(RowChannel<Q, R> channel, long id, RowOutcome<R> outcome) {
    Row<Q, R> row = rows.get(id);
    if (channel != open || row == null || row.outcome != null) {
      return;
    }
    heardNanos = System.nanoTime();
    met = true;
    breaks = 0;
    sent--;
    Duration pause = RetryDelay.of(outcome.error());
    if (pause != null && backoff.allows(++row.refusals)) {
      most = Math.max(1, sent / 2);
      row.rests = true;
      later(backoff.delay(row.refusals, pause), () -> sendAgain(row));
      return;
    }
    most = Math.min(atATime, most + 1);
    row.outcome = outcome;
    emit();
    pump();
    completeIfDone();
  }

  /** Passes on what has its turn. */
  private void emit() {
    Iterator<Row<Q, R>> inOrder = rows.values().iterator();
    while (inOrder.hasNext()) {
      RowOutcome<R> outcome = inOrder.next().outcome;
      if (outcome == null) {
        return;
      }
      inOrder.remove();
      try {
        each.accept(outcome);
      } catch (RuntimeException e) {
        giveUp(e);
        return;
      }
      room.release();
    }
  }

  /** Nobody wants the outcomes any more. */
  private void giveUp(RuntimeException why) {
    RowChannel<Q, R> last = open;
    open = null;
    if (end.completeExceptionally(why)) {
      room.release(atATime);
    }
    if (last != null) {
      last.cancel();
    }
  }

  private synchronized void sendAgain(Row<Q, R> row) {
    heardNanos = System.nanoTime();
    row.rests = false;
    if (open != null) {
      waiting.addFirst(row);
      pump();
    }
  }

  private synchronized void broken(RowChannel<Q, R> channel, Throwable failure) {
    if (channel != open || end.isDone()) {
      return;
    }
    open = null;
    heardNanos = System.nanoTime();
    Duration pause = pause(failure);
    if (pause != null && backoff.allows(++breaks)) {
      later(backoff.delay(breaks, pause), this::begin);
    } else {
      end.completeExceptionally(failure);
      room.release(atATime);
    }
  }

  private synchronized void completed(RowChannel<Q, R> channel) {
    if (channel == open && rows.isEmpty()) {
      end.complete(null);
    } else {
      broken(channel, new StatusRuntimeException(Status.INTERNAL.withDescription("ended early")));
    }
  }

  private synchronized void cancel() {
    if (end.isDone()) {
      return;
    }
    end.cancel(false);
    RowChannel<Q, R> channel = open;
    open = null;
    if (channel != null) {
      channel.cancel();
    }
  }

  private static void later(Duration delay, Runnable what) {
    CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS).execute(what);
  }

  /** How long to wait at least before another channel; null where none would be better. */
  private @Nullable Duration pause(Throwable failure) {
    Status status = Status.fromThrowable(failure);
    if (status.getCode() != Status.Code.UNAVAILABLE) {
      return RetryDelay.of(failure);
    }
    // A server that was never there is not waited for.
    met |= status.getCause() == null;
    return met ? Duration.ZERO : null;
  }

  private boolean awaitEnd(long nanos) throws InterruptedException {
    try {
      end.get(nanos, TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException passedOn
          && !(passedOn instanceof StatusRuntimeException)) {
        throw passedOn;
      }
      throw Status.fromThrowable(e.getCause()).asRuntimeException();
    }
  }

  /** Waits, as long as the server gives signs of life. */
  private void await(Waiting what) {
    long fromNanos = System.nanoTime();
    try {
      while (true) {
        long quiet = System.nanoTime() - fromNanos;
        quiet = Math.min(quiet, System.nanoTime() - heardNanos);
        if (quiet >= timeout.toNanos()) {
          throw late();
        }
        if (what.within(timeout.toNanos() - quiet)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Status.CANCELLED
          .withDescription("interrupted (expected: a reply)")
          .asRuntimeException();
    }
  }

  private StatusRuntimeException late() {
    return Status.DEADLINE_EXCEEDED
        .withDescription("no reply in " + timeout.toSeconds() + " s (expected: one)")
        .asRuntimeException();
  }

  /** What one channel tells. */
  private final class Hearing implements RowChannel.Listener<R> {
    private final RowChannel<Q, R> channel;

    Hearing(RowChannel<Q, R> channel) {
      this.channel = channel;
    }

    @Override
    public void heard(long id, RowOutcome<R> outcome) {
      RowCall.this.heard(channel, id, outcome);
    }

    @Override
    public void broken(Throwable failure) {
      RowCall.this.broken(channel, failure);
    }

    @Override
    public void completed() {
      RowCall.this.completed(channel);
    }
  }
}
