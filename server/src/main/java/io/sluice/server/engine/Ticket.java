package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A request the engine has accepted. Thread-safe. */
public final class Ticket {
  private final LoadedTask task;
  private final CompletableFuture<Answer> answer = new CompletableFuture<>();
  private volatile @Nullable Row row;
  private volatile boolean cancelled;

  Ticket(LoadedTask task) {
    this.task = requireNonNull(task, "task");
  }

  LoadedTask task() {
    return task;
  }

  /**
   * Completed with the answer or with a {@link io.sluice.backbone.SluiceException}, by the thread
   * that found it; what depends on it must be quick.
   */
  public CompletableFuture<Answer> answer() {
    return answer;
  }

  /** Says that nobody waits any more. The answer is still completed, in its time. */
  public void cancel() {
    cancelled = true;
    Row queued = row;
    if (queued != null) {
      queued.cancel();
    }
  }

  boolean isCancelled() {
    return cancelled;
  }

  void queuedAs(Row queued) {
    row = queued;
    if (cancelled) {
      queued.cancel();
    }
  }
}
