package io.sluice.server.engine;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Hidden states of rows of tokens where the trunk of some task ended, untouched by any adapter: the
 * same for every task and every bundle. For one backbone in one precision. Thread-safe.
 */
final class TrunkCache {
  private record Key(Tokens tokens, int boundary) implements ByteCache.Key {}

  /**
   * A state that was kept.
   *
   * @param boundary the block behind which it lies
   * @param hidden shape (tokens, hidden), not to be written to
   */
  @SuppressWarnings("ArrayRecordComponent") // shared and never compared
  record Kept(int boundary, float[] hidden) {}

  private final ByteCache<Key> cache;
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();

  TrunkCache(long maxBytes) {
    cache = new ByteCache<>(maxBytes);
  }

  /** The state at the highest boundary up to {@code highest} that is kept; null for none. */
  @Nullable Kept find(Tokens tokens, int highest) {
    for (int boundary = highest; boundary > 0; boundary--) {
      float[] hidden = cache.get(new Key(tokens, boundary));
      if (hidden != null) {
        hits.increment();
        return new Kept(boundary, hidden);
      }
    }
    misses.increment();
    return null;
  }

  boolean has(Tokens tokens, int boundary) {
    return cache.has(new Key(tokens, boundary));
  }

  /** Keeps a state, which it takes over. */
  void put(Tokens tokens, Kept state) {
    cache.put(new Key(tokens, state.boundary()), state.hidden());
  }

  CacheStats stats() {
    return cache.stats(hits.sum(), misses.sum());
  }
}
