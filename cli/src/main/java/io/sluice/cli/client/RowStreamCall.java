package io.sluice.cli.client;

import static java.util.Objects.requireNonNull;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.ClassifyStreamReply;
import io.sluice.proto.v1.ClassifyStreamRequest;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceStub;
import io.sluice.proto.v1.RowReply;
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
import org.jspecify.annotations.Nullable;

/**
 * The client's side of a stream of rows, which keeps so few of them under way that none of them
 * lies long in memory. Thread-safe.
 *
 * <p>A row that a full queue refuses is sent again after a while, and fewer rows are with the
 * server from then on: half as many, and one more for each reply. When the server ends the stream
 * because it goes, or has no room for it, all rows without a reply are sent again on another.
 * Replies go on in the order of the rows whatever happens.
 */
final class RowStreamCall {
  /** Twice of what a server reads ahead, so that it always has some to read. */
  private static final int UNDER_WAY = 128;

  /** One row on its way; guarded by the call. */
  private static final class Row {
    final ClassifyStreamRequest request;
    int refusals;

    /** Refused, and not yet to be sent again. */
    boolean rests;

    @Nullable RowReply reply;

    Row(ClassifyStreamRequest request) {
      this.request = request;
    }
  }

  private final InferenceServiceStub stub;
  private final Consumer<RowReply> each;
  private final Duration timeout;
  private final Backoff backoff;
  private final Semaphore room = new Semaphore(UNDER_WAY);
  private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
  private volatile long heardNanos = System.nanoTime();

  // All below guarded by this.
  private final Map<Long, Row> rows = new LinkedHashMap<>();
  private final Deque<Row> waiting = new ArrayDeque<>();
  private int sent;
  private int most = UNDER_WAY;
  private @Nullable Stream open;
  private long lastId;
  private boolean met;
  private int breaks;
  private boolean halfClosed;

  /** The requests up to the first that cannot be read: those before it are answered. */
  private static final class Source {
    private final Iterator<ClassifyRequest> requests;
    private @Nullable RuntimeException broken;

    Source(Iterator<ClassifyRequest> requests) {
      this.requests = requests;
    }

    @Nullable ClassifyRequest next() {
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
   * @param each hears the last reply to every row, in the order of the rows
   * @param timeout from one sign of the server to the next
   */
  RowStreamCall(
      InferenceServiceStub stub, Consumer<RowReply> each, Duration timeout, Backoff backoff) {
    this.stub = requireNonNull(stub, "stub");
    this.each = requireNonNull(each, "each");
    this.timeout = requireNonNull(timeout, "timeout");
    this.backoff = requireNonNull(backoff, "backoff");
  }

  /**
   * Sends rows as there is room for them, and waits for the end of the stream.
   *
   * @throws StatusRuntimeException when it is no good one, or replies stop coming; what hears the
   *     replies throws is passed on
   */
  void send(Iterator<ClassifyRequest> requests) {
    Source source = new Source(requests);
    try {
      begin();
      for (ClassifyRequest request = source.next(); request != null; request = source.next()) {
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

  private synchronized void add(ClassifyRequest request) {
    long id = ++lastId;
    Row row = new Row(ClassifyStreamRequest.newBuilder().setId(id).setRow(request).build());
    rows.put(id, row);
    waiting.add(row);
    pump();
  }

  /** Sends what may be with the server now. */
  private void pump() {
    while (open != null && sent < most && !waiting.isEmpty()) {
      sent++;
      open.send(waiting.remove());
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

  /** Opens a stream and sends what has no reply. */
  private synchronized void begin() {
    if (end.isDone()) {
      return;
    }
    Stream stream = new Stream();
    open = stream;
    sent = 0;
    waiting.clear();
    rows.values().stream().filter(row -> row.reply == null && !row.rests).forEach(waiting::add);
    var unused = stub.classifyStream(stream);
    pump();
    completeIfDone();
  }

  private synchronized void heard(Stream stream, ClassifyStreamReply message) {
    Row row = rows.get(message.getId());
    if (stream != open || row == null || row.reply != null) {
      return;
    }
    heardNanos = System.nanoTime();
    RowReply reply = message.getRow();
    met = true;
    breaks = 0;
    sent--;
    Duration pause = RetryDelay.of(reply.getError());
    if (pause != null && backoff.allows(++row.refusals)) {
      most = Math.max(1, sent / 2);
      row.rests = true;
      later(backoff.delay(row.refusals, pause), () -> sendAgain(row));
      return;
    }
    most = Math.min(UNDER_WAY, most + 1);
    row.reply = reply;
    emit();
    pump();
    completeIfDone();
  }

  /** Passes on what has its turn. */
  private void emit() {
    Iterator<Row> inOrder = rows.values().iterator();
    while (inOrder.hasNext()) {
      RowReply reply = inOrder.next().reply;
      if (reply == null) {
        return;
      }
      inOrder.remove();
      try {
        each.accept(reply);
      } catch (RuntimeException e) {
        giveUp(e);
        return;
      }
      room.release();
    }
  }

  /** Nobody wants the replies any more. */
  private void giveUp(RuntimeException why) {
    Stream last = open;
    open = null;
    if (end.completeExceptionally(why)) {
      room.release(UNDER_WAY);
    }
    if (last != null) {
      last.cancel();
    }
  }

  private synchronized void sendAgain(Row row) {
    heardNanos = System.nanoTime();
    row.rests = false;
    if (open != null) {
      waiting.addFirst(row);
      pump();
    }
  }

  private synchronized void broken(Stream stream, Throwable failure) {
    if (stream != open || end.isDone()) {
      return;
    }
    open = null;
    heardNanos = System.nanoTime();
    Duration pause = pause(failure);
    if (pause != null && backoff.allows(++breaks)) {
      later(backoff.delay(breaks, pause), this::begin);
    } else {
      end.completeExceptionally(failure);
      room.release(UNDER_WAY);
    }
  }

  private synchronized void completed(Stream stream) {
    if (stream == open && rows.isEmpty()) {
      end.complete(null);
    } else {
      broken(stream, new StatusRuntimeException(Status.INTERNAL.withDescription("ended early")));
    }
  }

  private synchronized void cancel() {
    if (end.isDone()) {
      return;
    }
    end.cancel(false);
    if (open != null) {
      open.cancel();
    }
  }

  private static void later(Duration delay, Runnable what) {
    CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS).execute(what);
  }

  /** How long to wait at least before another stream; null where none would be better. */
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

  /** One stream to the server. */
  private final class Stream
      implements ClientResponseObserver<ClassifyStreamRequest, ClassifyStreamReply> {
    private @Nullable ClientCallStreamObserver<ClassifyStreamRequest> requests;

    @Override
    public void beforeStart(ClientCallStreamObserver<ClassifyStreamRequest> stream) {
      requests = stream;
    }

    void send(Row row) {
      requireNonNull(requests, "requests").onNext(row.request);
    }

    void complete() {
      requireNonNull(requests, "requests").onCompleted();
    }

    void cancel() {
      requireNonNull(requests, "requests").cancel("not wanted any more", null);
    }

    @Override
    public void onNext(ClassifyStreamReply reply) {
      heard(this, reply);
    }

    @Override
    public void onError(Throwable failure) {
      broken(this, failure);
    }

    @Override
    public void onCompleted() {
      completed(this);
    }
  }
}
