package io.sluice.server.telemetry;

import static java.util.Objects.requireNonNull;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * What a server tells about itself.
 *
 * @param metricTasks tasks that metrics name, at most, 0 to 1,000; the rest is counted as one
 * @param loggedShare part of the requests that get a line in the log, 0 to 1
 * @param traceEndpoint where spans go by OTLP over HTTP, such as {@code
 *     http://localhost:4318/v1/traces}; null for nowhere
 * @param tracedShare part of the requests that are traced unless the caller has decided, 0 to 1
 */
@RecordBuilder
public record TelemetrySettings(
    int metricTasks, double loggedShare, @Nullable URI traceEndpoint, double tracedShare)
    implements TelemetrySettingsBuilder.With {
  private static final int MOST_TASKS = 1000;

  public TelemetrySettings {
    if (metricTasks < 0 || metricTasks > MOST_TASKS) {
      throw new IllegalArgumentException(
          "metricTasks: " + metricTasks + " (expected: 0 to " + MOST_TASKS + ")");
    }
    requireShare("loggedShare", loggedShare);
    requireShare("tracedShare", tracedShare);
  }

  /** 100 tasks, no lines, no traces; every request once there is an endpoint. */
  public static TelemetrySettings defaults() {
    return new TelemetrySettings(100, 0, null, 1);
  }

  /** The same with spans sent somewhere. */
  public TelemetrySettings withTraces(URI endpoint, double share) {
    return withTraceEndpoint(requireNonNull(endpoint, "endpoint")).withTracedShare(share);
  }

  private static void requireShare(String name, double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException(name + ": " + share + " (expected: 0 to 1)");
    }
  }
}
