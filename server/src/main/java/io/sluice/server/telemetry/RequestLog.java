package io.sluice.server.telemetry;

import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * A line in the log for a part of the requests, by keys and values, and for every one that failed
 * by a fault of ours. Thread-safe.
 */
final class RequestLog {
  private static final Logger log = LoggerFactory.getLogger("io.sluice.requests");
  private static final double NANOS_PER_MILLI = 1e6;

  /** Statuses that are nobody's fault but the server's. */
  private static final Set<String> FAULTS = Set.of("INTERNAL", "UNKNOWN");

  private final double share;

  /**
   * @param share part of the requests that get a line, 0 to 1
   */
  RequestLog(double share) {
    this.share = share;
  }

  /**
   * Writes the line of a request that is over, if it gets one.
   *
   * @param stages null when there are none
   * @param traceId null when it is not traced
   */
  void write(
      String id,
      String method,
      @Nullable String task,
      String status,
      long nanos,
      @Nullable Stages stages,
      @Nullable String traceId) {
    boolean fault = FAULTS.contains(status);
    if (!fault && ThreadLocalRandom.current().nextDouble() >= share) {
      return;
    }
    LoggingEventBuilder line =
        (fault ? log.atError() : log.atInfo())
            .addKeyValue("id", id)
            .addKeyValue("method", method)
            .addKeyValue("task", task == null ? "" : task)
            .addKeyValue("status", status)
            .addKeyValue("total_ms", millis(nanos));
    if (stages != null) {
      line =
          line.addKeyValue("tokenize_ms", millis(stages.tokenizeNanos()))
              .addKeyValue("queue_ms", millis(stages.queueNanos()))
              .addKeyValue("compute_ms", millis(stages.computeNanos()))
              .addKeyValue("tokens", stages.tokens());
    }
    if (traceId != null) {
      line = line.addKeyValue("trace", traceId);
    }
    line.log("request");
  }

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.3f", nanos / NANOS_PER_MILLI);
  }
}
