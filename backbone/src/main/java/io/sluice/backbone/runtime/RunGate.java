package io.sluice.backbone.runtime;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The door in front of native calls: counts who is inside, and once shut lets nobody in.
 * Thread-safe; entering and leaving is one atomic operation each.
 */
final class RunGate {
  private static final long SHUT = 1L << 62;

  /** The number inside, plus {@link #SHUT} once shut. */
  private final AtomicLong state = new AtomicLong();

  private final Object emptied = new Object();

  /** Whether the caller is let in; if so it must {@link #leave()}. */
  boolean enter() {
    long now = state.get();
    while ((now & SHUT) == 0) {
      long seen = state.compareAndExchange(now, now + 1);
      if (seen == now) {
        return true;
      }
      now = seen;
    }
    return false;
  }

  /** Whether this was the last one out of a shut gate. */
  boolean leave() {
    if (state.decrementAndGet() != SHUT) {
      return false;
    }
    synchronized (emptied) {
      emptied.notifyAll();
    }
    return true;
  }

  /** Lets nobody in from now on; whether nobody is inside. */
  boolean shut() {
    return state.accumulateAndGet(SHUT, (now, bit) -> now | bit) == SHUT;
  }

  /**
   * Waits until nobody is inside a shut gate; whether that came true in time. Keeps an interrupt
   * for the caller.
   */
  boolean awaitEmpty(Duration timeout) {
    long deadlineNanos = System.nanoTime() + timeout.toNanos();
    boolean interrupted = false;
    try {
      synchronized (emptied) {
        while (state.get() != SHUT) {
          long leftMillis = (deadlineNanos - System.nanoTime() + 999_999) / 1_000_000;
          if (leftMillis <= 0) {
            return false;
          }
          try {
            emptied.wait(leftMillis);
          } catch (InterruptedException e) {
            interrupted = true;
          }
        }
        return true;
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
