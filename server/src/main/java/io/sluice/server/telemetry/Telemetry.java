package io.sluice.server.telemetry;

import static java.util.Objects.requireNonNull;

import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.sluice.registry.store.BundleStore;
import io.sluice.server.activation.ActivationListener;
import io.sluice.server.engine.Engine;
import io.sluice.server.engine.EngineListener;
import io.sluice.server.engine.OverloadedException.Reason;
import java.net.URI;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All that a server tells about itself, and where it hears it. Thread-safe. */
public final class Telemetry implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final RequestMetrics requests;
  private final ActivationMetrics activations;
  private final @Nullable Traces traces;
  private final RequestObserver observer;
  private final RequestIds ids = new RequestIds();
  private final ProcessMetrics process;

  public Telemetry(TelemetrySettings settings) {
    requireNonNull(settings, "settings");
    requests = new RequestMetrics(registry, new TaskLabels(settings.metricTasks()));
    activations = new ActivationMetrics(registry);
    URI endpoint = settings.traceEndpoint();
    traces = endpoint == null ? null : new Traces(endpoint, settings.tracedShare());
    observer =
        new RequestObserver(
            requests,
            new RequestLog(settings.loggedShare()),
            new RefusalLog(System::nanoTime),
            traces);
    process = new ProcessMetrics(registry);
  }

  /** Hears what the engine answers. */
  public EngineListener engineListener() {
    return requests;
  }

  /** Hears what becomes of bundles. */
  public ActivationListener activationListener() {
    return activations;
  }

  /** Hears what the gate of a port turns away before it is a call. */
  public Consumer<Status.Code> gateListener() {
    return observer::turnedAway;
  }

  /** Hears what becomes a refused row of a batch or a stream, whose call goes on. */
  public Consumer<Reason> refusedRowListener() {
    return observer::rowTurnedAway;
  }

  /** Goes around all others. */
  public ServerInterceptor interceptor() {
    return observer;
  }

  /** Gives requests their ids; goes around everything of a port. */
  public DecoratingHttpServiceFunction requestIds() {
    return ids;
  }

  /** The page that Prometheus reads, over what there is to tell of an engine and its store. */
  public MetricsPage page(Engine engine, BundleStore store) {
    return new MetricsPage(registry, new HeldMetrics(registry, engine, store));
  }

  /** Sends the spans that are left. */
  @Override
  public void close() {
    if (traces != null) {
      traces.close();
    }
    process.close();
    registry.close();
  }
}
