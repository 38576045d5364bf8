package io.sluice.server.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;

/** Does on the caller's thread what it is given, or keeps it until told. Confined to one thread. */
public final class TestingExecutor extends AbstractExecutorService {
  private final List<Runnable> held = new ArrayList<>();
  private boolean holds;
  private boolean shut;

  /** Keeps what it is given from now on. */
  public void hold() {
    holds = true;
  }

  /** Does what it has kept, and at once what comes. */
  public void release() {
    holds = false;
    held.forEach(Runnable::run);
    held.clear();
  }

  @Override
  public void execute(Runnable task) {
    if (holds) {
      held.add(task);
    } else {
      task.run();
    }
  }

  @Override
  public void shutdown() {
    shut = true;
  }

  @Override
  public List<Runnable> shutdownNow() {
    shut = true;
    return List.copyOf(held);
  }

  @Override
  public boolean isShutdown() {
    return shut;
  }

  @Override
  public boolean isTerminated() {
    return shut;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return true;
  }
}
