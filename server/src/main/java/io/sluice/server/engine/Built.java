package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

/**
 * A task built and not live yet. Closing frees it unless it has been taken. Confined to one thread.
 */
public final class Built implements AutoCloseable {
  private final LoadedTask task;
  private final int compiledStructures;
  private boolean taken;

  Built(LoadedTask task, int compiledStructures) {
    this.task = requireNonNull(task, "task");
    this.compiledStructures = compiledStructures;
  }

  /** The task, still owned by this object. */
  public LoadedTask task() {
    return task;
  }

  /** Structures nobody had used before. */
  public int compiledStructures() {
    return compiledStructures;
  }

  /** The task, which the caller owns from now on. */
  public LoadedTask take() {
    taken = true;
    return task;
  }

  @Override
  public void close() {
    if (!taken) {
      task.release();
    }
  }
}
