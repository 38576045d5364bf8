package io.sluice.server.engine;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The count of requests accepted and not yet answered, and the door before them. Thread-safe. */
final class Admission {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition emptied = lock.newCondition();
  private int inside;
  private boolean shut;

  /** Lets so many requests in, or none; each must {@link #leave()}. */
  void enter(int requests) {
    lock.lock();
    try {
      if (shut) {
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
