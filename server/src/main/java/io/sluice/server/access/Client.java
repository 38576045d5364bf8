package io.sluice.server.access;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What one client has taken of its limits. Thread-safe, without locks.
 *
 * <p>The rate is a token bucket in the form of the generic cell rate algorithm: one number, the
 * time at which the bucket would be full again; a request moves it by 1/rate and is refused if that
 * is more than a burst ahead.
 */
final class Client {
  private static final long SECOND_NANOS = 1_000_000_000;

  /** When a client that has too much under way should try again: a guess. */
  private static final Duration SOON = Duration.ofMillis(100);

  private final String name;
  private final ClientLimits limits;
  private final AtomicLong fullAgainNanos;
  private final AtomicInteger running = new AtomicInteger();

  /**
   * @param name for messages
   * @param nowNanos of a clock that goes on evenly
   */
  Client(String name, ClientLimits limits, long nowNanos) {
    this.name = requireNonNull(name, "name");
    this.limits = requireNonNull(limits, "limits");
    this.fullAgainNanos = new AtomicLong(nowNanos);
  }

  /** Takes a request in, which {@link #finish} must follow, or says why not. */
  @Nullable Refusal begin(long nowNanos) {
    if (running.incrementAndGet() > limits.concurrentRequests()) {
      running.decrementAndGet();
      return Refusal.exhausted(
          name
              + ": "
              + limits.concurrentRequests()
              + " requests under way (expected: at most that many at a time)",
          SOON);
    }
    long waitNanos = take(nowNanos);
    if (waitNanos > 0) {
      running.decrementAndGet();
      return Refusal.exhausted(
          name
              + ": more than "
              + limits.requestsPerSecond()
              + " requests a second (expected: at most that)",
          Duration.ofNanos(waitNanos));
    }
    return null;
  }

  void finish() {
    running.decrementAndGet();
  }

  /** Takes one from the bucket and returns 0, or returns how long until there is one. */
  private long take(long nowNanos) {
    if (limits.requestsPerSecond() == 0) {
      return 0;
    }
    long each = SECOND_NANOS / limits.requestsPerSecond();
    long most = each * (limits.burst() - 1L);
    for (; ; ) {
      long before = fullAgainNanos.get();
      // Differences only: the clock may run over.
      long aheadNanos = Math.max(0, before - nowNanos);
      if (aheadNanos > most) {
        return aheadNanos - most;
      }
      if (fullAgainNanos.compareAndSet(before, nowNanos + aheadNanos + each)) {
        return 0;
      }
    }
  }
}
