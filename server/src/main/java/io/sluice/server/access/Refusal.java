package io.sluice.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.Any;
import com.google.rpc.RetryInfo;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.common.grpc.protocol.GrpcHeaderNames;
import com.linecorp.armeria.common.grpc.protocol.StatusMessageEscaper;
import io.grpc.Status;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Why a request goes no further, told before any method sees it: to a gRPC client as a status, to
 * others as {@code {"error": ..., "code": ...}} under the HTTP status that belongs to it.
 *
 * @param code of gRPC
 * @param message one line, of characters that need no escaping in JSON but quotes
 * @param retryAfter when to come back; null where that would not help
 */
record Refusal(Status.Code code, String message, @Nullable Duration retryAfter) {
  Refusal {
    requireNonNull(code, "code");
    requireNonNull(message, "message");
  }

  static Refusal unauthenticated(String found) {
    return new Refusal(
        Status.Code.UNAUTHENTICATED,
        "authorization: " + found + " (expected: Bearer and a token this server knows)",
        null);
  }

  static Refusal denied(Grant grant, Role needed) {
    return new Refusal(
        Status.Code.PERMISSION_DENIED,
        "token: " + grant.name() + " has role " + grant.role() + " (expected: " + needed + ")",
        null);
  }

  static Refusal plainText() {
    return new Refusal(
        Status.Code.FAILED_PRECONDITION,
        "port: plain text (expected: TLS; https, or --tls of a sluice command)",
        null);
  }

  static Refusal exhausted(String message, Duration retryAfter) {
    return new Refusal(Status.Code.RESOURCE_EXHAUSTED, message, retryAfter);
  }

  HttpResponse response(RequestHeaders request) {
    MediaType type = request.contentType();
    return type != null
            && type.type().equals("application")
            && type.subtype().toLowerCase(Locale.ROOT).startsWith("grpc")
        ? grpc(type)
        : json();
  }

  private HttpResponse grpc(MediaType type) {
    ResponseHeadersBuilder headers =
        ResponseHeaders.builder(HttpStatus.OK)
            .contentType(type)
            .addInt(GrpcHeaderNames.GRPC_STATUS, code.value())
            .add(GrpcHeaderNames.GRPC_MESSAGE, StatusMessageEscaper.escape(message));
    if (retryAfter != null) {
      headers.add(
          GrpcHeaderNames.GRPC_STATUS_DETAILS_BIN,
          Base64.getEncoder().withoutPadding().encodeToString(details(retryAfter)));
    }
    return HttpResponse.of(headers.endOfStream(true).build());
  }

  private byte[] details(Duration delay) {
    RetryInfo retry =
        RetryInfo.newBuilder()
            .setRetryDelay(
                com.google.protobuf.Duration.newBuilder()
                    .setSeconds(delay.getSeconds())
                    .setNanos(delay.getNano()))
            .build();
    return com.google.rpc.Status.newBuilder()
        .setCode(code.value())
        .setMessage(message)
        .addDetails(Any.pack(retry))
        .build()
        .toByteArray();
  }

  private HttpResponse json() {
    ResponseHeadersBuilder headers =
        ResponseHeaders.builder(http()).contentType(MediaType.JSON_UTF_8);
    if (code == Status.Code.UNAUTHENTICATED) {
      headers.add(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer realm=\"sluice\"");
    }
    if (retryAfter != null) {
      headers.addLong(
          HttpHeaderNames.RETRY_AFTER,
          retryAfter.getSeconds() + (retryAfter.getNano() > 0 ? 1 : 0));
    }
    String text = message.replace("\\", "\\\\").replace("\"", "\\\"");
    String body = "{\"error\":\"" + text + "\",\"code\":\"" + code.name() + "\"}";
    return HttpResponse.of(headers.build(), HttpData.wrap(body.getBytes(UTF_8)));
  }

  private HttpStatus http() {
    return switch (code) {
      case UNAUTHENTICATED -> HttpStatus.UNAUTHORIZED;
      case PERMISSION_DENIED -> HttpStatus.FORBIDDEN;
      case RESOURCE_EXHAUSTED -> HttpStatus.TOO_MANY_REQUESTS;
      default -> HttpStatus.BAD_REQUEST;
    };
  }
}
