package io.sluice.server.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Numbers kept under keys about rows of tokens, bounded in bytes; what is used least goes first.
 * Thread-safe.
 *
 * @param <K> equal for what is the same
 */
final class ByteCache<K extends ByteCache.Key> {
  /** Says of which tokens something is. */
  interface Key {
    Tokens tokens();
  }

  /* Beside the numbers and the tokens: key, value and entry; about what was measured. */
  private static final long ENTRY_BYTES = 250;

  private final Cache<K, float[]> cache;

  ByteCache(long maxBytes) {
    cache =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher((K key, float[] values) -> bytes(key, values))
            .executor(Runnable::run)
            .recordStats()
            .build();
  }

  private static int bytes(Key key, float[] values) {
    long tokenBytes = 2L * Long.BYTES * key.tokens().length();
    long bytes = ENTRY_BYTES + tokenBytes + (long) Float.BYTES * values.length;
    return (int) Math.min(Integer.MAX_VALUE, bytes);
  }

  /** What is kept under {@code key}, not to be written to; null if there is nothing. */
  float @Nullable [] get(K key) {
    return cache.getIfPresent(key);
  }

  /** Whether there is something, which does not count as a use of it. */
  boolean has(K key) {
    return cache.asMap().containsKey(key);
  }

  /** Keeps {@code values}, which it takes over. */
  void put(K key, float[] values) {
    cache.put(key, values);
  }

  /**
   * @param hits times a caller found what it wanted
   * @param misses times it did not
   */
  CacheStats stats(long hits, long misses) {
    cache.cleanUp();
    long bytes =
        cache
            .policy()
            .eviction()
            .map(eviction -> eviction.weightedSize())
            .orElse(OptionalLong.empty())
            .orElse(0);
    return new CacheStats(
        hits, misses, cache.estimatedSize(), bytes, cache.stats().evictionCount());
  }
}
