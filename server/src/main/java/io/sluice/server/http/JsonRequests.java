package io.sluice.server.http;

import com.linecorp.armeria.common.ExchangeType;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.RoutingContext;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a request must be before it reaches a method: gRPC, or JSON that says it is. A page of
 * another site cannot send that content type without asking first, so a browser is no way in.
 */
final class JsonRequests extends SimpleDecoratingHttpService {
  JsonRequests(HttpService methods) {
    super(methods);
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) throws Exception {
    MediaType type = request.contentType();
    if (isGrpc(type)) {
      // A stream has any length; its messages are bounded one by one.
      context.setMaxRequestLength(0);
    } else if (request.method() != HttpMethod.GET && (type == null || !type.isJson())) {
      throw HttpStatusException.of(HttpStatus.UNSUPPORTED_MEDIA_TYPE);
    }
    return unwrap().serve(context, request);
  }

  /**
   * JSON is read whole before it is served, so that a body that is too large is refused as such.
   */
  @Override
  public ExchangeType exchangeType(RoutingContext routing) {
    return isGrpc(routing.headers().contentType())
        ? super.exchangeType(routing)
        : ExchangeType.UNARY;
  }

  static boolean isGrpc(@Nullable MediaType type) {
    return type != null
        && type.type().equals("application")
        && type.subtype().toLowerCase(Locale.ROOT).startsWith("grpc");
  }
}
