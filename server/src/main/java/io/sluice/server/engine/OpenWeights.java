package io.sluice.server.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import org.jspecify.annotations.Nullable;

/**
 * Tensors over weights that batches have read lately, a bounded number of them: of the many tasks
 * that are loaded few are asked at a time. Thread-safe.
 *
 * <p>This is one user of the tensors it has and a batch is another, so what is evicted under a
 * batch is closed after it; the next batch makes them again.
 */
final class OpenWeights {
  private final Cache<OwnWeights, OpenTensors> kept;

  OpenWeights(int maxTensors) {
    this.kept =
        Caffeine.newBuilder()
            .maximumWeight(maxTensors)
            .weigher((OwnWeights weights, OpenTensors open) -> open.tensors().size())
            .executor(Runnable::run)
            .removalListener(OpenWeights::removed)
            .build();
  }

  /**
   * The tensors over {@code weights}, which must not be closed meanwhile.
   *
   * @return with a use of the caller's, who releases it
   */
  OpenTensors acquire(OwnWeights weights) {
    OpenTensors hit = kept.getIfPresent(weights);
    if (hit != null && hit.tryRetain()) {
      return hit;
    }
    OpenTensors fresh = weights.open();
    fresh.tryRetain();
    // What another thread has put there meanwhile is replaced, and closed after its last use.
    kept.put(weights, fresh);
    return fresh;
  }

  /** Gives up those over {@code weights}, which nobody will acquire again. */
  void forget(OwnWeights weights) {
    kept.invalidate(weights);
  }

  private static void removed(
      @Nullable OwnWeights weights, @Nullable OpenTensors open, RemovalCause cause) {
    if (open != null) {
      open.release();
    }
  }
}
