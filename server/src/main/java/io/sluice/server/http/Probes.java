package io.sluice.server.http;

import static java.util.Objects.requireNonNull;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Liveness and readiness over HTTP, told by the status, as probes of a cluster and the Open
 * Inference Protocol want it: 200 for yes, 503 for no. Thread-safe.
 *
 * @param server whether requests are accepted
 * @param task whether the task of that name serves
 */
public record Probes(BooleanSupplier server, Predicate<String> task) {
  /** What they answer at. */
  static final List<String> ENDPOINTS =
      List.of("GET /v2/health/live", "GET /v2/health/ready", "GET /v2/models/{model_name}/ready");

  public Probes {
    requireNonNull(server, "server");
    requireNonNull(task, "task");
  }

  void addTo(ServerBuilder builder) {
    builder
        .service("/v2/health/live", (context, request) -> reply(true, "{\"live\": true}"))
        .service(
            "/v2/health/ready",
            (context, request) -> {
              boolean ready = server.getAsBoolean();
              return reply(ready, "{\"ready\": " + ready + "}");
            })
        .service("/v2/models/{name}/ready", (context, request) -> task(context));
  }

  private HttpResponse task(ServiceRequestContext context) {
    String name = requireNonNull(context.pathParam("name"), "name");
    boolean ready = server.getAsBoolean() && task.test(name);
    // A name that is ready is a task's, and those need no escaping; another is not repeated.
    return reply(
        ready, ready ? "{\"name\": \"" + name + "\", \"ready\": true}" : "{\"ready\": false}");
  }

  private static HttpResponse reply(boolean yes, String json) {
    return HttpResponse.of(
        yes ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE, MediaType.JSON_UTF_8, json);
  }
}
