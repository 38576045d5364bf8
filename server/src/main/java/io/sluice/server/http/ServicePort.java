package io.sluice.server.http;

import static java.util.Objects.requireNonNull;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.grpc.GrpcJsonMarshaller;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.grpc.GrpcService;
import com.linecorp.armeria.server.grpc.HttpJsonTranscodingOptions;
import io.grpc.BindableService;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.sluice.backbone.SluiceException;
import io.sluice.proto.inference.GRPCInferenceServiceGrpc;
import io.sluice.proto.v1.AdapterServiceGrpc.AdapterServiceImplBase;
import io.sluice.server.access.PortAccess;
import io.sluice.server.rpc.Deadlines;
import io.sluice.server.rpc.Faults;
import io.sluice.server.rpc.Tenants;
import io.sluice.server.telemetry.MetricsPage;
import io.sluice.server.telemetry.Telemetry;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * One port: gRPC services with reflection, their methods that have a {@code google.api.http} rule
 * over HTTP/JSON as well, probes, and the API page.
 *
 * @param address where to listen; port 0 takes a free one
 * @param requestTimeout limit of a request; a client's own deadline holds if it is earlier
 * @param maxMessageBytes of one message, and of the body of an HTTP request
 * @param access who may ask
 * @param telemetry hears of every request
 * @param metrics where they are told; null where they are not
 */
public record ServicePort(
    InetSocketAddress address,
    Duration requestTimeout,
    int maxMessageBytes,
    PortAccess access,
    Telemetry telemetry,
    @Nullable MetricsPage metrics) {
  /** What gRPC puts around a message, so that a message just too long is still refused as one. */
  private static final int FRAME_BYTES = 1024;

  public ServicePort {
    requireNonNull(address, "address");
    requireNonNull(requestTimeout, "requestTimeout");
    requireNonNull(access, "access");
    requireNonNull(telemetry, "telemetry");
  }

  /**
   * Listens.
   *
   * @throws SluiceException UNAVAILABLE when the port cannot be had
   */
  public Server open(PortServices port) {
    if (address.isUnresolved()) {
      throw FreePorts.unresolved(address);
    }
    List<BindableService> all = new ArrayList<>(port.services());
    all.add(ProtoReflectionServiceV1.newInstance());
    AdapterServiceImplBase bundles = port.bundles();
    ErrorBodies errors = new ErrorBodies(Endpoints.of(all, port.rules(), bundles != null));
    GrpcService grpc =
        GrpcService.builder()
            .addServices(all)
            .intercept(
                new Faults(), new Deadlines(requestTimeout), new Tenants(), telemetry.interceptor())
            .exceptionHandler(Faults::name)
            .maxRequestMessageLength(maxMessageBytes)
            .jsonMarshallerFactory(ServicePort::json)
            .enableHttpJsonTranscoding(
                HttpJsonTranscodingOptions.builder()
                    .additionalHttpRules(port.rules())
                    .errorHandler(errors)
                    .build())
            .build();
    ServerBuilder builder = Server.builder();
    access.guard(builder, address, telemetry.gateListener());
    builder
        // Not all methods have a limit: see Deadlines.
        .requestTimeoutMillis(0)
        .maxRequestLength((long) maxMessageBytes + FRAME_BYTES)
        .gracefulShutdownTimeout(Duration.ofMillis(50), Duration.ofSeconds(5))
        .errorHandler(errors)
        .decorator(telemetry.requestIds())
        .service(grpc, methods -> new JsonRequests(methods, errors))
        .serviceUnder(ApiPage.PATH, ApiPage.create())
        .service("/", (ctx, request) -> HttpResponse.ofRedirect(ApiPage.PATH));
    port.probes().addTo(builder);
    if (bundles != null) {
      new BundleUploads(bundles, errors, requestTimeout).addTo(builder);
    }
    if (metrics != null) {
      builder.service(MetricsPage.PATH, metrics);
    }
    Server server = builder.build();
    try {
      server.start().join();
    } catch (CompletionException e) {
      throw FreePorts.unavailable(address, e.getCause() == null ? e : e.getCause());
    }
    return server;
  }

  private static GrpcJsonMarshaller json(ServiceDescriptor service) {
    return service.getName().equals(GRPCInferenceServiceGrpc.SERVICE_NAME)
        ? new TensorJson()
        : new JsonMessages();
  }
}
