package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

/**
 * How the engine works.
 *
 * @param structureCacheBytes native memory for compiled adapter structures, about
 * @param tokenizerThreads threads that turn texts into tokens
 */
public record EngineSettings(
    BatchingSettings batching, long structureCacheBytes, int tokenizerThreads) {
  private static final long DEFAULT_STRUCTURE_CACHE_BYTES = 64L << 20;

  public EngineSettings {
    requireNonNull(batching, "batching");
    if (structureCacheBytes < 0) {
      throw new IllegalArgumentException(
          "structureCacheBytes: " + structureCacheBytes + " (expected: 0 or more)");
    }
    if (tokenizerThreads < 1) {
      throw new IllegalArgumentException(
          "tokenizerThreads: " + tokenizerThreads + " (expected: 1 or more)");
    }
  }

  public static EngineSettings defaults() {
    return new EngineSettings(BatchingSettings.defaults(), DEFAULT_STRUCTURE_CACHE_BYTES, 2);
  }

  /** The same with other batching. */
  public EngineSettings withBatching(BatchingSettings newBatching) {
    return new EngineSettings(newBatching, structureCacheBytes, tokenizerThreads);
  }
}
