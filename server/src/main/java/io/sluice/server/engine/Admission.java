package io.sluice.server.engine;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The count of requests accepted and not yet answered, and the door before them. Thread-safe. */
final class Admission {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition emptied = lock.newCondition();
  private int inside;
  private boolean shut;

  /** Lets a request of many parts in. */
  Visit visit(String tenant) {
    enter(1, null);
    return new Visit(tenant, this::leave);
  }

  /**
   * Lets so many requests in, or none; each must {@link #leave()}.
   *
   * @param visit the open one they are part of, if they are; then they are let in
   */
  void enter(int requests, @Nullable Visit visit) {
    lock.lock();
    try {
      if (shut && visit == null) {
        throw new SluiceException(
            ErrorCode.UNAVAILABLE, "server: draining (expected: accepting requests)");
      }
      inside += requests;
    } finally {
      lock.unlock();
    }
  }

  void leave() {
    lock.lock();
    try {
      inside--;
      if (inside == 0) {
        emptied.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets nobody in from now on. */
  void shut() {
    lock.lock();
    try {
      shut = true;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until everybody has left; false if that takes longer than {@code timeout}. */
  boolean awaitEmpty(Duration timeout) throws InterruptedException {
    long leftNanos = timeout.toNanos();
    lock.lockInterruptibly();
    try {
      while (inside > 0) {
        if (leftNanos <= 0) {
          return false;
        }
        leftNanos = emptied.awaitNanos(leftNanos);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
