package io.sluice.server.http;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.UnsafeByteOperations;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpObject;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.util.TimeoutMode;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.sluice.proto.v1.AdapterServiceGrpc.AdapterServiceImplBase;
import io.sluice.proto.v1.BundleHeader;
import io.sluice.proto.v1.RegisterBundleRequest;
import io.sluice.server.rpc.ClientTimeout;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * Bundles over HTTP: what {@code RegisterBundle} does with a stream of messages, with a file as the
 * body of one request. Thread-safe.
 *
 * @param adapters takes the bundles, and bounds them
 * @param timeout of one upload
 */
record BundleUploads(AdapterServiceImplBase adapters, ErrorBodies errors, Duration timeout)
    implements HttpService {
  static final String ENDPOINT = "POST /v1/tasks/{task}:register";
  private static final List<String> PARAMETERS =
      List.of("activate", "expectedDigest", "expectedActiveDigest");
  private static final String PATH = "regex:^/v1/tasks/(?<task>[^/]+):register$";

  BundleUploads {
    requireNonNull(adapters, "adapters");
    requireNonNull(errors, "errors");
    requireNonNull(timeout, "timeout");
  }

  void addTo(ServerBuilder builder) {
    builder.route().post(PATH).maxRequestLength(0).requestTimeout(timeout).build(this);
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
    MediaType type = request.contentType();
    if (type == null || !type.is(MediaType.OCTET_STREAM)) {
      throw HttpStatusException.of(HttpStatus.UNSUPPORTED_MEDIA_TYPE);
    }
    BundleHeader header;
    try {
      header = header(context);
    } catch (StatusRuntimeException e) {
      return errors.of(context, e);
    }
    Duration asked = ClientTimeout.of(request.headers());
    if (asked != null && asked.compareTo(timeout) < 0) {
      if (asked.isZero()) {
        return errors.of(context, ClientTimeout.EXPIRED.asRuntimeException());
      }
      context.setRequestTimeout(TimeoutMode.SET_FROM_START, asked);
    }
    CompletableFuture<HttpResponse> response = new CompletableFuture<>();
    StreamObserver<RegisterBundleRequest> upload =
        adapters.registerBundle(new HttpReply<>(context, errors, response));
    upload.onNext(RegisterBundleRequest.newBuilder().setHeader(header).build());
    request.subscribe(new Body(upload), context.eventLoop());
    return HttpResponse.of(response);
  }

  /** What is misspelt is not passed over: a bundle would be kept, and not put in service. */
  private static BundleHeader header(ServiceRequestContext context) {
    for (String name : context.queryParams().names()) {
      if (!PARAMETERS.contains(name)) {
        throw invalid("query: " + name + " (expected: of " + PARAMETERS + ")");
      }
    }
    String activate = context.queryParams().get("activate", "false");
    if (!activate.equals("true") && !activate.equals("false")) {
      throw invalid("activate: " + activate + " (expected: true or false)");
    }
    BundleHeader.Builder header =
        BundleHeader.newBuilder()
            .setTask(requireNonNull(context.pathParam("task"), "task"))
            .setActivate(activate.equals("true"));
    String digest = context.queryParam("expectedDigest");
    if (digest != null) {
      header.setExpectedDigest(digest);
    }
    String active = context.queryParam("expectedActiveDigest");
    if (active != null) {
      header.setExpectedActiveDigest(active);
    }
    return header.build();
  }

  private static StatusRuntimeException invalid(String message) {
    return Status.INVALID_ARGUMENT.withDescription(message).asRuntimeException();
  }

  /** The bytes of a request, passed on as they come. */
  private record Body(StreamObserver<RegisterBundleRequest> upload)
      implements Subscriber<HttpObject> {
    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(HttpObject part) {
      if (part instanceof HttpData data) {
        upload.onNext(
            RegisterBundleRequest.newBuilder()
                .setChunk(UnsafeByteOperations.unsafeWrap(data.array()))
                .build());
      }
    }

    @Override
    public void onError(Throwable failure) {
      upload.onError(failure);
    }

    @Override
    public void onComplete() {
      upload.onCompleted();
    }
  }
}
