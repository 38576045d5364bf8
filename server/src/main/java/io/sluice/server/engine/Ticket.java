package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A request the engine has accepted. Thread-safe.
 *
 * @param <A> what it is answered with
 */
public final class Ticket<A> {
  private final LoadedTask task;
  private final Holder holder;
  private final CompletableFuture<A> answer = new CompletableFuture<>();
  private volatile List<Row> rows = List.of();
  private volatile boolean cancelled;

  Ticket(LoadedTask task, String tenant) {
    this.task = requireNonNull(task, "task");
    this.holder = new Holder(task.name(), tenant);
  }

  /** Whose share of the engine it takes of. */
  Holder holder() {
    return holder;
  }

  LoadedTask task() {
    return task;
  }

  /**
   * Completed with the answer or with a {@link io.sluice.backbone.SluiceException}, by the thread
   * that found it; what depends on it must be quick.
   */
  public CompletableFuture<A> answer() {
    return answer;
  }

  /** Says that nobody waits any more. The answer is still completed, in its time. */
  public void cancel() {
    cancelled = true;
    rows.forEach(Row::cancel);
  }

  boolean isCancelled() {
    return cancelled;
  }

  void queuedAs(List<Row> queued) {
    rows = List.copyOf(queued);
    if (cancelled) {
      rows.forEach(Row::cancel);
    }
  }
}
