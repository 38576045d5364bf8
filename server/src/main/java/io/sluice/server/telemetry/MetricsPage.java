package io.sluice.server.telemetry;

import static java.util.Objects.requireNonNull;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.AbstractHttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.CompletableFuture;

/**
 * {@code GET /metrics}: the text format of Prometheus, or OpenMetrics for who asks for it.
 * Thread-safe.
 */
public final class MetricsPage extends AbstractHttpService {
  public static final String PATH = "/metrics";

  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final PrometheusMeterRegistry registry;
  private final HeldMetrics held;

  MetricsPage(PrometheusMeterRegistry registry, HeldMetrics held) {
    this.registry = requireNonNull(registry, "registry");
    this.held = requireNonNull(held, "held");
  }

  @Override
  protected HttpResponse doGet(ServiceRequestContext ctx, HttpRequest request) {
    String accepted = request.headers().get(HttpHeaderNames.ACCEPT, "");
    String type = accepted.contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
    return HttpResponse.of(
        CompletableFuture.supplyAsync(
            () -> {
              held.refresh();
              return HttpResponse.of(
                  HttpStatus.OK, MediaType.parse(type), HttpData.ofUtf8(registry.scrape(type)));
            },
            ctx.blockingTaskExecutor()));
  }
}
