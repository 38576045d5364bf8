package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.precision.Precision;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;

/**
 * How the engine works.
 *
 * @param precision format the backbone's weights are computed with; adapters and heads stay in 32
 *     bits
 * @param structureCacheBytes native memory for compiled adapter structures, about
 * @param expressBytes native memory for sessions over several blocks at once, about; 0 for none
 * @param recentTaskBytes memory for bundles that answered a while ago and may answer again, about
 * @param tokenizerThreads threads that turn texts into tokens
 * @param warmUp how long the tasks that are live at the start are run before the server is ready,
 *     at most
 * @param sharesByTenants whether, under overload, tenants of a task have shares of their own; then
 *     requests must not name tenants as they like
 * @param responseCacheBytes memory for logits of rows that come again, about; 0 for none
 * @param trunkCacheBytes memory for hidden states of rows that come again, about; 0 for none
 */
@RecordBuilder
public record EngineSettings(
    BatchingSettings batching,
    Precision precision,
    long structureCacheBytes,
    long expressBytes,
    long recentTaskBytes,
    int tokenizerThreads,
    Duration warmUp,
    boolean sharesByTenants,
    long responseCacheBytes,
    long trunkCacheBytes)
    implements EngineSettingsBuilder.With {
  private static final long DEFAULT_STRUCTURE_CACHE_BYTES = 64L << 20;
  private static final long DEFAULT_EXPRESS_BYTES = 256L << 20;
  private static final long DEFAULT_RECENT_TASK_BYTES = 64L << 20;
  private static final Duration DEFAULT_WARM_UP = Duration.ofSeconds(2);

  public EngineSettings {
    requireNonNull(batching, "batching");
    requireNonNull(precision, "precision");
    requireNonNull(warmUp, "warmUp");
    if (warmUp.isNegative()) {
      throw new IllegalArgumentException("warmUp: " + warmUp + " (expected: 0 or more)");
    }
    requireNotNegative("structureCacheBytes", structureCacheBytes);
    requireNotNegative("expressBytes", expressBytes);
    requireNotNegative("recentTaskBytes", recentTaskBytes);
    requireNotNegative("responseCacheBytes", responseCacheBytes);
    requireNotNegative("trunkCacheBytes", trunkCacheBytes);
    if (tokenizerThreads < 1) {
      throw new IllegalArgumentException(
          "tokenizerThreads: " + tokenizerThreads + " (expected: 1 or more)");
    }
  }

  public static EngineSettings defaults() {
    return new EngineSettings(
        BatchingSettings.defaults(),
        Precision.FP32,
        DEFAULT_STRUCTURE_CACHE_BYTES,
        DEFAULT_EXPRESS_BYTES,
        DEFAULT_RECENT_TASK_BYTES,
        2,
        DEFAULT_WARM_UP,
        false,
        0,
        0);
  }

  private static void requireNotNegative(String name, long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException(name + ": " + bytes + " (expected: 0 or more)");
    }
  }
}
