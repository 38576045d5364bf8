package io.sluice.server.engine;

/**
 * What a cache holds and has done since the start; all 0 for one that is off.
 *
 * @param hits times that what was looked for was there
 * @param misses times that it was not
 * @param entries things kept now
 * @param sizeBytes memory they are taken to hold now
 * @param evicted things given up for others
 */
public record CacheStats(long hits, long misses, long entries, long sizeBytes, long evicted) {
  static final CacheStats OFF = new CacheStats(0, 0, 0, 0, 0);
}
