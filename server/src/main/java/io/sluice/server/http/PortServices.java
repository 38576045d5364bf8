package io.sluice.server.http;

import static java.util.Objects.requireNonNull;

import com.google.api.HttpRule;
import io.grpc.BindableService;
import io.sluice.proto.v1.AdapterServiceGrpc.AdapterServiceImplBase;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a port serves.
 *
 * @param services over gRPC
 * @param rules HTTP forms of their methods, besides those in the {@code .proto} files
 * @param probes liveness and readiness
 * @param bundles takes bundles that come over HTTP; null where none may
 */
public record PortServices(
    List<BindableService> services,
    List<HttpRule> rules,
    Probes probes,
    @Nullable AdapterServiceImplBase bundles) {
  public PortServices {
    services = List.copyOf(services);
    rules = List.copyOf(rules);
    requireNonNull(probes, "probes");
  }

  /** One service, with the HTTP forms it has by itself; ready at once. */
  public static PortServices only(BindableService service) {
    return new PortServices(
        List.of(service), List.of(), new Probes(() -> true, task -> true), null);
  }
}
