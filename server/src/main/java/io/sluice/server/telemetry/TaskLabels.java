package io.sluice.server.telemetry;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The names of tasks that metrics may carry: those first answered, up to a bound; every other is
 * {@value #OTHER}. Names that clients make up get none. Thread-safe.
 */
final class TaskLabels {
  static final String OTHER = "other";

  private final int most;
  private final ConcurrentMap<String, String> known = new ConcurrentHashMap<>();
  private final AtomicInteger taken = new AtomicInteger();

  TaskLabels(int most) {
    this.most = most;
  }

  /** The label of a task that has just answered. */
  String answered(String task) {
    String label = known.get(task);
    if (label != null) {
      return label;
    }
    if (taken.get() >= most) {
      return OTHER;
    }
    return known.computeIfAbsent(task, name -> taken.getAndIncrement() < most ? name : OTHER);
  }

  /**
   * The label of what a request named as its task.
   *
   * @param status how the request ended; only a task that has answered is sure to exist
   */
  String of(String task, String status) {
    if (task.equals(AskedTask.SEVERAL)) {
      return task;
    }
    return status.equals("OK") ? answered(task) : known.getOrDefault(task, OTHER);
  }
}
