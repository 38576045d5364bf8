package io.sluice.server.http;

import static java.util.Objects.requireNonNull;

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
import io.grpc.Status;
import io.sluice.backbone.Surrogates;
import java.io.IOException;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a request must be before it reaches a method: gRPC, or JSON that says it is. A page of
 * another site cannot send that content type without asking first, so a browser is no way in.
 *
 * <p>JSON is one value in UTF-8, names no field twice, and has no half characters in its texts: who
 * sends letters in another encoding, or two requests in one body, is told so, and not answered to
 * something else. For the same reason a query string, which the transcoder would put over the
 * fields of the body and of the path, is refused.
 */
final class JsonRequests extends SimpleDecoratingHttpService {
  private static final JsonFactory STRICT =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final ErrorBodies errors;

  JsonRequests(HttpService methods, ErrorBodies errors) {
    super(methods);
    this.errors = requireNonNull(errors, "errors");
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) throws Exception {
    MediaType type = request.contentType();
    if (isGrpc(type)) {
      // A stream has any length; its messages are bounded one by one.
      context.setMaxRequestLength(0);
      return unwrap().serve(context, request);
    }
    if (request.method() != HttpMethod.GET && (type == null || !type.isJson())) {
      throw HttpStatusException.of(HttpStatus.UNSUPPORTED_MEDIA_TYPE);
    }
    if (!context.queryParams().isEmpty()) {
      String name = context.queryParams().names().iterator().next();
      return refused(context, "query: " + name, "none, as all is in the path and the body");
    }
    if (request.method() != HttpMethod.GET) {
      Function<AggregatedHttpRequest, HttpResponse> serve = whole -> serve(context, whole);
      return HttpResponse.of(request.aggregate().thenApply(context.makeContextAware(serve)));
    }
    return unwrap().serve(context, request);
  }

  private HttpResponse serve(ServiceRequestContext context, AggregatedHttpRequest request) {
    String torn = requireOneValue(request.content().array());
    if (torn != null) {
      return refused(context, torn, "whole characters");
    }
    HttpRequest same = request.toHttpRequest();
    context.updateRequest(same);
    try {
      return unwrap().serve(context, same);
    } catch (Exception e) {
      return HttpResponse.ofFailure(e);
    }
  }

  private HttpResponse refused(ServiceRequestContext context, String found, String expected) {
    return errors.of(
        context,
        Status.INVALID_ARGUMENT
            .withDescription(found + " (expected: " + expected + ")")
            .asRuntimeException());
  }

  /**
   * The first text with half a character in it, which JSON can write down, by an escape, and UTF-8
   * cannot; null if there is none.
   */
  private static @Nullable String requireOneValue(byte[] body) {
    String torn = null;
    try (JsonParser parser = STRICT.createParser(body)) {
      int depth = 0;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        // Also what is not looked at is looked through, to its last letter.
        parser.finishToken();
        if (torn == null && token == JsonToken.VALUE_STRING) {
          int at = Surrogates.firstLone(parser.getText());
          torn = at < 0 ? null : JsonPlace.of(parser) + ": half a character at " + at;
        }
        if (depth == 0 && parser.nextToken() != null) {
          throw new JsonParseException(parser, "something behind the end of it");
        }
      }
    } catch (IOException e) {
      throw HttpStatusException.of(HttpStatus.BAD_REQUEST, e);
    }
    return torn;
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
