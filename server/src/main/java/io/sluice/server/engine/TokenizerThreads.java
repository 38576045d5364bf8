package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Threads that do work for holders in turn, a piece each. Where no room is left to wait, the holder
 * with the most pieces gives up its newest, as long as it has more than the one that comes.
 * Thread-safe.
 */
final class TokenizerThreads {
  /**
   * A piece of work.
   *
   * @param run must not throw
   * @param displaced run in its place when it has to make room for another's; must not throw
   */
  record Work(Runnable run, Runnable displaced) {
    Work {
      requireNonNull(run, "run");
      requireNonNull(displaced, "displaced");
    }
  }

  private final int capacity;
  private final List<Thread> threads = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();

  // All below guarded by lock. The order of the map is the order of turns.
  private final Map<Holder, ArrayDeque<Work>> waiting = new LinkedHashMap<>();

  /** Goes first. Not for the thread that displaces: it is in the middle of another's request. */
  private final ArrayDeque<Runnable> displaced = new ArrayDeque<>();

  private int size;
  private boolean stopped;

  /** Starts {@code count} threads, before which {@code capacity} pieces may wait. */
  TokenizerThreads(int count, int capacity) {
    this.capacity = capacity;
    for (int i = 0; i < count; i++) {
      Thread thread = new Thread(this::loop, "sluice-tokenizer");
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
  }

  /** Takes a piece of work on; false when there is no room for it. */
  boolean execute(Holder holder, Work work) {
    lock.lock();
    try {
      if (stopped || (size >= capacity && !displace(holder))) {
        return false;
      }
      waiting.computeIfAbsent(holder, key -> new ArrayDeque<>()).add(work);
      size++;
      filled.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private boolean displace(Holder coming) {
    ArrayDeque<Work> own = waiting.get(coming);
    Map.Entry<Holder, ArrayDeque<Work>> most =
        waiting.entrySet().stream()
            .max(Comparator.comparingInt(entry -> entry.getValue().size()))
            .orElseThrow();
    if (most.getValue().size() <= (own == null ? 0 : own.size()) + 1) {
      return false;
    }
    displaced.add(most.getValue().removeLast().displaced());
    size--;
    return true;
  }

  /** Does what waits and ends then; further work is refused. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      filled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void loop() {
    try {
      for (Runnable work = next(); work != null; work = next()) {
        work.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable Runnable next() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (size == 0 && displaced.isEmpty()) {
        if (stopped) {
          return null;
        }
        filled.await();
      }
      if (!displaced.isEmpty()) {
        return displaced.remove();
      }
      Holder first = waiting.keySet().iterator().next();
      ArrayDeque<Work> own = requireNonNull(waiting.remove(first), "own");
      Work work = own.removeFirst();
      size--;
      if (!own.isEmpty()) {
        waiting.put(first, own);
      }
      return work.run();
    } finally {
      lock.unlock();
    }
  }
}
