package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.precision.Precision;

/**
 * How the engine works.
 *
 * @param precision format the backbone's weights are computed with; adapters and heads stay in 32
 *     bits
 * @param structureCacheBytes native memory for compiled adapter structures, about
 * @param tokenizerThreads threads that turn texts into tokens
 */
public record EngineSettings(
    BatchingSettings batching,
    Precision precision,
    long structureCacheBytes,
    int tokenizerThreads) {
  private static final long DEFAULT_STRUCTURE_CACHE_BYTES = 64L << 20;

  public EngineSettings {
    requireNonNull(batching, "batching");
    requireNonNull(precision, "precision");
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
    return new EngineSettings(
        BatchingSettings.defaults(), Precision.FP32, DEFAULT_STRUCTURE_CACHE_BYTES, 2);
  }

  /** The same with other batching. */
  public EngineSettings withBatching(BatchingSettings newBatching) {
    return new EngineSettings(newBatching, precision, structureCacheBytes, tokenizerThreads);
  }

  /** The same with the backbone in another format. */
  public EngineSettings withPrecision(Precision newPrecision) {
    return new EngineSettings(batching, newPrecision, structureCacheBytes, tokenizerThreads);
  }
}
