package io.sluice.cli.command.serve;

import io.sluice.cli.process.LogFormat;
import io.sluice.server.telemetry.TelemetrySettings;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;
import picocli.CommandLine.Option;

/** The options about what a server tells: metrics, log, traces. */
final class TelemetryOptions {
  @Option(
      names = "--metric-tasks",
      paramLabel = "N",
      defaultValue = "100",
      description =
          "Tasks that /metrics of the admin port names, those first answered; the rest is counted"
              + " as other. Default: ${DEFAULT-VALUE}.")
  private int metricTasks;

  @Option(
      names = "--log-format",
      defaultValue = "TEXT",
      description = "Lines of the log: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private LogFormat format = LogFormat.TEXT;

  @Option(
      names = "--log-level",
      defaultValue = "INFO",
      description =
          "The least that is logged: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Level level = Level.INFO;

  @Option(
      names = "--request-log",
      paramLabel = "SHARE",
      defaultValue = "0",
      description =
          "Part of the requests that get a line in the log, 0 to 1. Default: ${DEFAULT-VALUE}.")
  private double loggedShare;

  @Option(
      names = "--trace-endpoint",
      paramLabel = "URL",
      description =
          "Send traces there by OTLP over HTTP: http://localhost:4318/v1/traces. Default: none.")
  private @Nullable URI traceEndpoint;

  @Option(
      names = "--trace-share",
      paramLabel = "SHARE",
      defaultValue = "1",
      description =
          "Part of the requests that are traced when the caller does not say, 0 to 1. Default:"
              + " ${DEFAULT-VALUE}.")
  private double tracedShare;

  TelemetrySettings settings() {
    TelemetrySettings settings =
        TelemetrySettings.defaults().withMetricTasks(metricTasks).withLoggedShare(loggedShare);
    URI endpoint = traceEndpoint;
    return endpoint == null ? settings : settings.withTraces(endpoint, tracedShare);
  }

  /** Has this process log so. */
  void beginLog() {
    format.apply(level);
  }
}
