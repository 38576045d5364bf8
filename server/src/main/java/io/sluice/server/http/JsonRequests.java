package io.sluice.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.linecorp.armeria.common.AggregatedHttpRequest;
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
import java.io.IOException;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a request must be before it reaches a method: gRPC, or JSON that says it is. A page of
 * another site cannot send that content type without asking first, so a browser is no way in.
 *
 * <p>JSON is one value in UTF-8, and names no field twice: who sends letters in another encoding,
 * or two requests in one body, is told so, and not answered to something else.
 */
final class JsonRequests extends SimpleDecoratingHttpService {
  private static final JsonFactory STRICT =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  JsonRequests(HttpService methods) {
    super(methods);
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) throws Exception {
    MediaType type = request.contentType();
    if (isGrpc(type)) {
      // A stream has any length; its messages are bounded one by one.
      context.setMaxRequestLength(0);
    } else if (request.method() != HttpMethod.GET) {
      if (type == null || !type.isJson()) {
        throw HttpStatusException.of(HttpStatus.UNSUPPORTED_MEDIA_TYPE);
      }
      Function<AggregatedHttpRequest, HttpResponse> serve = whole -> serve(context, whole);
      return HttpResponse.of(request.aggregate().thenApply(context.makeContextAware(serve)));
    }
    return unwrap().serve(context, request);
  }

  private HttpResponse serve(ServiceRequestContext context, AggregatedHttpRequest request) {
    requireOneValue(request.content().array());
    HttpRequest same = request.toHttpRequest();
    context.updateRequest(same);
    try {
      return unwrap().serve(context, same);
    } catch (Exception e) {
      return HttpResponse.ofFailure(e);
    }
  }

  private static void requireOneValue(byte[] body) {
    try (JsonParser parser = STRICT.createParser(body)) {
      int depth = 0;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        // Also what is not looked at is looked through, to its last letter.
        parser.finishToken();
        if (depth == 0 && parser.nextToken() != null) {
          throw new JsonParseException(parser, "something behind the end of it");
        }
      }
    } catch (IOException e) {
      throw HttpStatusException.of(HttpStatus.BAD_REQUEST, e);
    }
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
