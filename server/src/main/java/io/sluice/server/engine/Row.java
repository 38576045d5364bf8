package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.concurrent.CompletableFuture;

/**
 * One text asked of one task: what the batcher queues and the engine computes. Thread-safe.
 *
 * <p>The result is completed by the engine, or at once by what it has kept, and only once it will
 * not touch the task's weights for this row again: whoever leased the task may give it back then.
 */
final class Row {
  /** The deadline of a row that has none. */
  static final long NO_DEADLINE = Long.MAX_VALUE;

  private final LoadedTask task;
  private final Holder holder;
  private final Tokens tokens;
  private final long submittedNanos;
  private final long deadlineNanos;
  private final boolean background;
  private final CompletableFuture<RowResult> result = new CompletableFuture<>();
  private volatile boolean cancelled;

  /**
   * @param submittedNanos now, on the engine's clock
   * @param deadlineNanos when the answer is of no use any more, on the same clock; or {@link
   *     #NO_DEADLINE}
   */
  Row(LoadedTask task, Tokens tokens, long submittedNanos, long deadlineNanos) {
    this(task, "", tokens, submittedNanos, deadlineNanos);
  }

  /**
   * The same on behalf of a tenant.
   *
   * @param tenant empty for none
   */
  Row(LoadedTask task, String tenant, Tokens tokens, long submittedNanos, long deadlineNanos) {
    this(task, tenant, tokens, submittedNanos, deadlineNanos, false);
  }

  private Row(
      LoadedTask task,
      String tenant,
      Tokens tokens,
      long submittedNanos,
      long deadlineNanos,
      boolean background) {
    this.task = requireNonNull(task, "task");
    this.holder = new Holder(task.name(), tenant);
    this.tokens = requireNonNull(tokens, "tokens");
    this.submittedNanos = submittedNanos;
    this.deadlineNanos = deadlineNanos;
    this.background = background;
  }

  /** A row of the server's own, which no client waits for. */
  static Row background(LoadedTask task, Tokens tokens, long submittedNanos) {
    return new Row(task, "", tokens, submittedNanos, NO_DEADLINE, true);
  }

  boolean isBackground() {
    return background;
  }

  LoadedTask task() {
    return task;
  }

  /** Whose share of the engine it takes of. */
  Holder holder() {
    return holder;
  }

  Tokens tokens() {
    return tokens;
  }

  long submittedNanos() {
    return submittedNanos;
  }

  CompletableFuture<RowResult> result() {
    return result;
  }

  /** Says that nobody waits any more; the engine drops the row at its next chance. */
  void cancel() {
    cancelled = true;
  }

  /** Whether computing this row would be of no use. */
  boolean isDead(long nowNanos) {
    return cancelled || isExpired(nowNanos) || result.isDone();
  }

  /** Completes a dead row with the reason of its death. */
  void drop(long nowNanos) {
    if (isExpired(nowNanos)) {
      fail(new SluiceException(ErrorCode.DEADLINE_EXCEEDED, "deadline passed before the answer"));
    } else {
      fail(new SluiceException(ErrorCode.CANCELLED, "cancelled by the client"));
    }
  }

  void complete(RowResult value) {
    result.complete(value);
  }

  void fail(SluiceException failure) {
    result.completeExceptionally(failure);
  }

  private boolean isExpired(long nowNanos) {
    return deadlineNanos != NO_DEADLINE && nowNanos - deadlineNanos >= 0;
  }
}
