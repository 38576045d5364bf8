package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A request of many parts that has been let in: until it is closed its parts are let in too, even
 * if nobody else is any more. Thread-safe; closing twice does nothing.
 */
public final class Visit implements AutoCloseable {
  private final Runnable leave;
  private final AtomicBoolean left = new AtomicBoolean();

  Visit(Runnable leave) {
    this.leave = requireNonNull(leave, "leave");
  }

  @Override
  public void close() {
    if (left.compareAndSet(false, true)) {
      leave.run();
    }
  }
}
