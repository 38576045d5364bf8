package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The right to use one loaded task, taken at admission and kept until the reply: however often the
 * task is swapped meanwhile, its weights stay. Thread-safe; closing twice does nothing.
 */
public final class Lease implements AutoCloseable {
  private final LoadedTask task;
  private final long generation;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Takes over one retained use of {@code task}. */
  Lease(LoadedTask task, long generation) {
    this.task = requireNonNull(task, "task");
    this.generation = generation;
  }

  public LoadedTask task() {
    return task;
  }

  /** Number of the snapshot the lease was taken from. */
  public long generation() {
    return generation;
  }

  /** Another lease of the same task and generation; to be called while this one is open. */
  public Lease again() {
    if (!task.tryRetain()) {
      throw new IllegalStateException("lease of " + task.name() + ": closed (expected: open)");
    }
    return new Lease(task, generation);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      task.release();
    }
  }
}
