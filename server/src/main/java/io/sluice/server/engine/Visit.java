package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A request of many parts that has been let in: until it is closed its parts are let in too, even
 * if nobody else is any more. Thread-safe; closing twice does nothing.
 */
public final class Visit implements AutoCloseable {
  private final String tenant;
  private final Runnable leave;
  private final AtomicBoolean left = new AtomicBoolean();

  Visit(String tenant, Runnable leave) {
    this.tenant = requireNonNull(tenant, "tenant");
    this.leave = requireNonNull(leave, "leave");
  }

  /** On whose behalf; empty for nobody's. */
  public String tenant() {
    return tenant;
  }

  @Override
  public void close() {
    if (left.compareAndSet(false, true)) {
      leave.run();
    }
  }
}
