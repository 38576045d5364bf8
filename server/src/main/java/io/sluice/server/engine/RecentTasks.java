package io.sluice.server.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.sluice.backbone.Digest;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that were live a while ago or may soon be, their weights resident, so that going to one
 * builds nothing. Bounded in bytes; the longest unused are freed. Thread-safe.
 */
final class RecentTasks implements AutoCloseable {
  /* Beside its weights: manifest, maps and buffers; about what was measured. */
  private static final long OBJECT_BYTES = 6_500;

  private record Key(String name, Digest digest) {}

  /** A task with its use, and how many structures it was the first to have. */
  private record Kept(LoadedTask task, int compiledStructures) {}

  private final Cache<Key, Kept> tasks;

  RecentTasks(long maxBytes) {
    this.tasks =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher(
                (Key key, Kept kept) ->
                    (int) Math.min(Integer.MAX_VALUE, OBJECT_BYTES + kept.task().residentBytes()))
            .executor(Runnable::run)
            .removalListener(RecentTasks::removed)
            .build();
  }

  /** Takes over one use of {@code task}, which was live. */
  void keep(LoadedTask task) {
    keep(new Kept(task, 0));
  }

  /** Takes {@code built} over, which was not live yet. */
  void keep(Built built) {
    keep(new Kept(built.take(), built.compiledStructures()));
  }

  private void keep(Kept kept) {
    tasks.put(new Key(kept.task().name(), kept.task().digest()), kept);
    tasks.cleanUp();
  }

  /** The task, the caller's from now on; null when it is not here. */
  @Nullable Built take(String name, Digest digest) {
    Kept kept = tasks.asMap().remove(new Key(name, digest));
    return kept == null ? null : new Built(kept.task(), kept.compiledStructures());
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
    Kept kept = tasks.asMap().remove(key);
    if (kept != null) {
      kept.task().release();
    }
  }

  /** Whoever removes by hand has taken over the use. */
  private static void removed(@Nullable Key key, @Nullable Kept kept, RemovalCause cause) {
    if (kept != null && cause != RemovalCause.EXPLICIT) {
      kept.task().release();
    }
  }
}
