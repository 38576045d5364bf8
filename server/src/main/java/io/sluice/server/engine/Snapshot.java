package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What every task name stood for at one moment. Immutable.
 *
 * @param generation counts up by one with each change
 * @param tasks by name
 */
record Snapshot(long generation, Map<String, LoadedTask> tasks) {
  static final Snapshot EMPTY = new Snapshot(0, Map.of());

  Snapshot {
    requireNonNull(tasks, "tasks");
    tasks = Map.copyOf(tasks);
  }

  @Nullable LoadedTask task(String name) {
    return tasks.get(name);
  }

  Snapshot with(LoadedTask task) {
    Map<String, LoadedTask> next = new HashMap<>(tasks);
    next.put(task.name(), task);
    return new Snapshot(generation + 1, next);
  }

  Snapshot without(String name) {
    Map<String, LoadedTask> next = new HashMap<>(tasks);
    next.remove(name);
    return new Snapshot(generation + 1, next);
  }
}
