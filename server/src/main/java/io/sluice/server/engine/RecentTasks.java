package io.sluice.server.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.sluice.backbone.Digest;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that were live a while ago, their weights still resident, so that going back to one builds
 * nothing. Bounded in bytes; the longest unused are freed. Thread-safe.
 */
final class RecentTasks implements AutoCloseable {
  /* Beside its weights: manifest, maps and handles; about what was measured. */
  private static final long OBJECT_BYTES = 10_000;

  private record Key(String name, Digest digest) {}

  private final Cache<Key, LoadedTask> tasks;

  RecentTasks(long maxBytes) {
    this.tasks =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher(
                (Key key, LoadedTask task) ->
                    (int) Math.min(Integer.MAX_VALUE, OBJECT_BYTES + task.residentBytes()))
            .executor(Runnable::run)
            .removalListener(RecentTasks::removed)
            .build();
  }

  /** Takes over one use of {@code task}. */
  void keep(LoadedTask task) {
    tasks.put(new Key(task.name(), task.digest()), task);
    tasks.cleanUp();
  }

  /** The task with its use, which is the caller's from now on; null when it is not here. */
  @Nullable LoadedTask take(String name, Digest digest) {
    return tasks.asMap().remove(new Key(name, digest));
  }

  /** Frees all of that name. */
  void forget(String name) {
    for (Key key : tasks.asMap().keySet()) {
      if (key.name().equals(name)) {
        free(key);
      }
    }
  }

  @Override
  public void close() {
    tasks.asMap().keySet().forEach(this::free);
  }

  private void free(Key key) {
    LoadedTask task = tasks.asMap().remove(key);
    if (task != null) {
      task.release();
    }
  }

  /** Whoever removes by hand has taken over the use. */
  private static void removed(@Nullable Key key, @Nullable LoadedTask task, RemovalCause cause) {
    if (task != null && cause != RemovalCause.EXPLICIT) {
      task.release();
    }
  }
}
