package io.sluice.cli.command.serve;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.Device;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.option.ByteSize;
import io.sluice.cli.command.option.Input;
import io.sluice.server.engine.BatchingSettings;
import io.sluice.server.engine.EngineSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of the engine: how batches are formed and run, and what is kept in memory for it. */
final class EngineOptions {
  private static final long MOST_MEBIBYTES = 1L << 20;
  private static final long CPU_EXPRESS = 256;
  private static final long GPU_EXPRESS = 4096;

  @Option(
      names = "--backbone-precision",
      defaultValue = "FP32",
      description =
          "Format the backbone's weights are computed with: ${COMPLETION-CANDIDATES}. INT8 is faster and"
              + " rounds; FP16 is for a GPU. Default: ${DEFAULT-VALUE}.")
  private Precision precision = Precision.FP32;

  @Option(
      names = "--max-queue-wait",
      paramLabel = "MS",
      defaultValue = "1000",
      description =
          "Refuse a request that would wait longer than this for those before it, about. Default:"
              + " ${DEFAULT-VALUE}.")
  private long queueWaitMillis;

  @Option(
      names = "--express-memory",
      paramLabel = "MIB",
      description =
          "Memory for sessions over many blocks at once, which are faster; weights that cannot be"
              + " shared count as well. 0 for none. Default: 256; on a GPU 4096 where JDK 17 to 21 cannot have"
              + " tensors there, else none.")
  private @Nullable Long expressMebibytes;

  @Option(
      names = "--recent-memory",
      paramLabel = "MIB",
      defaultValue = "64",
      description =
          "Memory for bundles that answered a while ago: going back to one of them builds nothing."
              + " Default: ${DEFAULT-VALUE}.")
  private long recentMebibytes;

  @Option(
      names = "--tenants",
      description =
          "Under overload, give every tenant of a task a share of its own. Requests name theirs in"
              + " the metadata sluice-tenant: set by a proxy, not by clients as they like.")
  private boolean tenants;

  @Option(
      names = "--response-cache",
      paramLabel = "SIZE",
      defaultValue = "0MiB",
      converter = ByteSize.Converter.class,
      description =
          "Memory for responses to texts that come again, as in 64MiB. Default: ${DEFAULT-VALUE},"
              + " none.")
  private ByteSize responseCache = new ByteSize(0);

  @Option(
      names = "--trunk-cache",
      paramLabel = "SIZE",
      defaultValue = "0MiB",
      converter = ByteSize.Converter.class,
      description =
          "Memory for what tasks have in common of texts that come again, whatever their bundles."
              + " Default: ${DEFAULT-VALUE}, none.")
  private ByteSize trunkCache = new ByteSize(0);

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      defaultValue = "2",
      description =
          "How long the way of a request and then the tasks of the store are run before the server"
              + " is ready, at most each. 0 for not at all. Default: ${DEFAULT-VALUE}.")
  private long warmUpSeconds;

  /** Of the backbone's weights. */
  Precision precision() {
    return precision;
  }

  /** As on a processor. */
  EngineSettings settings() {
    return EngineSettings.defaults()
        .withPrecision(precision)
        .withBatching(
            BatchingSettings.defaults().withMaxQueueWait(Duration.ofMillis(queueWaitMillis)))
        .withExpressBytes(
            bytes("express-memory", expressMebibytes == null ? CPU_EXPRESS : expressMebibytes))
        .withSharesByTenants(tenants)
        .withResponseCacheBytes(responseCache.bytes())
        .withTrunkCacheBytes(trunkCache.bytes())
        .withRecentTaskBytes(bytes("recent-memory", recentMebibytes))
        .withWarmUp(Input.seconds("warm-up", warmUpSeconds, 0));
  }

  /** What was set, with batches of the size that suits the device. */
  EngineSettings onDevice(EngineSettings asked, OnnxRuntime runtime) {
    Device used = runtime.settings().device();
    EngineSettings suited =
        asked.withBatching(
            BatchingSettings.on(used).withMaxQueueWait(asked.batching().maxQueueWait()));
    if (!used.isCuda() || expressMebibytes != null) {
      return suited;
    }
    // On one stream of the device blocks one by one are as fast as several at once.
    return suited.withExpressBytes(runtime.memory().isHost() ? GPU_EXPRESS << 20 : 0);
  }

  private static long bytes(String option, long mebibytes) {
    if (mebibytes < 0 || mebibytes > MOST_MEBIBYTES) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          option + ": " + mebibytes + " (expected: 0.." + MOST_MEBIBYTES + ")");
    }
    return mebibytes << 20;
  }
}
