package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import com.google.rpc.Code;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.proto.v1.ClassifyBatchReply;
import io.sluice.proto.v1.RowReply;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one message on their way, only so many of them at a time that the queue is left to
 * others. Thread-safe.
 */
final class BatchCall {
  private static final int NONE = -1;

  private final int atATime;
  private final IntFunction<Pending<RowReply>> ask;
  private final CompletableFuture<ClassifyBatchReply> reply = new CompletableFuture<>();

  /** How often there may be something to begin since somebody looked; above 0 somebody looks. */
  private final AtomicInteger calls = new AtomicInteger();

  // All below guarded by this.
  private final @Nullable RowReply[] replies;
  private final Map<Integer, Pending<RowReply>> underWay = new HashMap<>();
  private int begun;
  private int done;
  private boolean cancelled;

  private BatchCall(int rows, int atATime, IntFunction<Pending<RowReply>> ask) {
    this.atATime = atATime;
    this.ask = requireNonNull(ask, "ask");
    this.replies = new RowReply[rows];
  }

  /**
   * Begins.
   *
   * @param rows one or more
   * @param ask begins the numbered row, whose reply never fails; called by one thread at a time
   */
  static Pending<ClassifyBatchReply> start(
      int rows, int atATime, IntFunction<Pending<RowReply>> ask) {
    BatchCall call = new BatchCall(rows, atATime, ask);
    call.advance();
    return new Pending<>(call.reply, call::cancel);
  }

  /** A loop and not a recursion, though rows that are refused are done as soon as begun. */
  private void advance() {
    if (calls.getAndIncrement() != 0) {
      return;
    }
    int heard = 1;
    while (heard != 0) {
      for (int row = take(); row != NONE; row = take()) {
        begin(row);
      }
      heard = calls.addAndGet(-heard);
    }
  }

  private synchronized int take() {
    return cancelled || begun == replies.length || begun - done == atATime ? NONE : begun++;
  }

  private void begin(int row) {
    Pending<RowReply> pending = ask.apply(row);
    synchronized (this) {
      underWay.put(row, pending);
      if (cancelled) {
        pending.cancel();
      }
    }
    var unused =
        pending
            .reply()
            .whenComplete(
                (answered, failure) -> {
                  finish(row, answered);
                  advance();
                });
  }

  private void finish(int row, RowReply answered) {
    synchronized (this) {
      underWay.remove(row);
      replies[row] = answered;
      done++;
    }
    completeIfDone();
  }

  /** The rows have the deadline of their call: where it has passed for one, the call is over. */
  private static boolean isExpired(@Nullable RowReply row) {
    return row != null && row.getError().getCode() == Code.DEADLINE_EXCEEDED_VALUE;
  }

  private void cancel() {
    synchronized (this) {
      cancelled = true;
      underWay.values().forEach(Pending::cancel);
    }
    completeIfDone();
  }

  private void completeIfDone() {
    boolean all;
    synchronized (this) {
      all = done == replies.length;
      if (!all && !(cancelled && done == begun)) {
        return;
      }
    }
    if (all && Arrays.stream(replies).anyMatch(BatchCall::isExpired)) {
      reply.completeExceptionally(
          new SluiceException(
              ErrorCode.DEADLINE_EXCEEDED, "deadline passed before the last row was answered"));
    } else if (all) {
      reply.complete(ClassifyBatchReply.newBuilder().addAllRows(Arrays.asList(replies)).build());
    } else {
      reply.completeExceptionally(
          new SluiceException(ErrorCode.CANCELLED, "cancelled by the client"));
    }
  }
}
