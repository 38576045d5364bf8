package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A count of the users of one closeable thing, which is closed when the last of them leaves. Starts
 * at one, for its owner. Thread-safe.
 */
final class RefCount {
  private final AtomicInteger users = new AtomicInteger(1);
  private final Runnable close;

  RefCount(Runnable close) {
    this.close = requireNonNull(close, "close");
  }

  /** Adds a user unless the last one has left already; false means: look for a newer thing. */
  boolean tryRetain() {
    int now = users.get();
    while (now > 0) {
      if (users.compareAndSet(now, now + 1)) {
        return true;
      }
      now = users.get();
    }
    return false;
  }

  void release() {
    int left = users.decrementAndGet();
    if (left < 0) {
      throw new IllegalStateException("released more often than retained");
    }
    if (left == 0) {
      close.run();
    }
  }
}
