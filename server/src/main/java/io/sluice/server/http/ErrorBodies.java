package io.sluice.server.http;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.common.grpc.protocol.GrpcHeaderNames;
import com.linecorp.armeria.common.grpc.protocol.StatusMessageEscaper;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.grpc.UnframedGrpcErrorHandler;
import com.linecorp.armeria.server.grpc.UnframedGrpcStatusMappingFunction;
import io.grpc.Status;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Failures over HTTP: {@code {"error": "name: value (expected: ...)", "code": "NOT_FOUND"}} under
 * the HTTP status that belongs to the gRPC status. What failed before it reached a method is told
 * in the same form, and to a gRPC client in gRPC's. Thread-safe.
 */
final class ErrorBodies implements UnframedGrpcErrorHandler, ServerErrorHandler {
  private static final ObjectMapper mapper = new ObjectMapper();

  private final List<String> endpoints;

  ErrorBodies(List<String> endpoints) {
    this.endpoints = List.copyOf(endpoints);
  }

  /** The failure of a method. */
  @Override
  public HttpResponse handle(
      ServiceRequestContext context, Status status, AggregatedHttpResponse response) {
    HttpHeaders trailers = response.trailers().isEmpty() ? response.headers() : response.trailers();
    String details = trailers.get(GrpcHeaderNames.GRPC_STATUS_DETAILS_BIN);
    String description = status.getDescription();
    return response(
        context,
        status.getCode(),
        description == null ? null : StatusMessageEscaper.unescape(description),
        details == null ? null : retryDelay(details));
  }

  /** The failure of a method that was not called by way of gRPC. */
  HttpResponse of(ServiceRequestContext context, Throwable failure) {
    Status status = Status.fromThrowable(failure);
    return response(context, status.getCode(), status.getDescription(), null);
  }

  private static HttpResponse response(
      ServiceRequestContext context,
      Status.Code code,
      @Nullable String description,
      @Nullable Duration retry) {
    HttpStatus http =
        requireNonNull(
            UnframedGrpcStatusMappingFunction.of().apply(context, code.toStatus(), null), "http");
    ResponseHeadersBuilder headers = headers(http);
    if (retry != null) {
      headers.addLong(
          HttpHeaderNames.RETRY_AFTER, retry.getSeconds() + (retry.getNanos() > 0 ? 1 : 0));
    }
    ObjectNode body = body(code, description == null ? http.reasonPhrase() : description);
    return AggregatedHttpResponse.of(headers.build(), HttpData.wrap(bytes(body))).toHttpResponse();
  }

  /** Whatever it is, it is rendered below. */
  @Override
  public @Nullable HttpResponse onServiceException(ServiceRequestContext context, Throwable cause) {
    return null;
  }

  /** The failure of what is around the methods. */
  @Override
  public @Nullable AggregatedHttpResponse renderStatus(
      @Nullable ServiceRequestContext context,
      ServiceConfig config,
      @Nullable RequestHeaders request,
      HttpStatus status,
      @Nullable String description,
      @Nullable Throwable cause) {
    if (status.isContentAlwaysEmpty() || status.isSuccess()) {
      return null;
    }
    String message = message(request, status, description, cause);
    Status.Code code = code(status);
    if (request != null && JsonRequests.isGrpc(request.contentType())) {
      code = code == Status.Code.NOT_FOUND ? Status.Code.UNIMPLEMENTED : code;
      return AggregatedHttpResponse.of(
          ResponseHeaders.builder(HttpStatus.OK)
              .set(HttpHeaderNames.CONTENT_TYPE, "application/grpc")
              .addInt(GrpcHeaderNames.GRPC_STATUS, code.value())
              .add(GrpcHeaderNames.GRPC_MESSAGE, StatusMessageEscaper.escape(message))
              .build());
    }
    ObjectNode body = body(code, message);
    if (status.equals(HttpStatus.NOT_FOUND) || status.equals(HttpStatus.METHOD_NOT_ALLOWED)) {
      endpoints.forEach(body.putArray("endpoints")::add);
    }
    return AggregatedHttpResponse.of(headers(status).build(), HttpData.wrap(bytes(body)));
  }

  private static String message(
      @Nullable RequestHeaders request,
      HttpStatus status,
      @Nullable String description,
      @Nullable Throwable cause) {
    if (request != null) {
      switch (status.code()) {
        case 404 -> {
          return "path: " + request.path() + " (expected: one of the endpoints)";
        }
        case 405 -> {
          return "method: "
              + request.method()
              + " "
              + request.path()
              + " (expected: one of the endpoints)";
        }
        case 415 -> {
          return "content-type: "
              + request.get(HttpHeaderNames.CONTENT_TYPE, "none")
              + " (expected: application/json, or application/octet-stream for a bundle)";
        }
        default -> {}
      }
    }
    if (cause instanceof ContentTooLargeException large) {
      return "body: too large (expected: at most " + large.maxContentLength() + " bytes)";
    }
    if (status.equals(HttpStatus.BAD_REQUEST)) {
      for (Throwable inner = cause; inner != null; inner = inner.getCause()) {
        if (inner instanceof JsonProcessingException syntax) {
          return notJson(syntax);
        }
      }
      if (cause instanceof IllegalArgumentException) {
        return "body: not of named fields (expected: a JSON object)";
      }
    }
    return description == null ? status.reasonPhrase() : description;
  }

  /** Where the text stops to be JSON: the field that was being read. */
  private static String notJson(JsonProcessingException syntax) {
    String field =
        syntax.getProcessor() instanceof JsonParser parser ? JsonPlace.of(parser) : JsonPlace.BODY;
    // What is too deep or too long has no place.
    JsonLocation at = syntax.getLocation();
    return field
        + ": not JSON"
        + (at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr())
        + ": "
        + syntax.getOriginalMessage().lines().findFirst().orElse("")
        + " (expected: a JSON object)";
  }

  private static Status.Code code(HttpStatus status) {
    return switch (status.code()) {
      case 400, 415 -> Status.Code.INVALID_ARGUMENT;
      case 404, 405 -> Status.Code.NOT_FOUND;
      case 408 -> Status.Code.DEADLINE_EXCEEDED;
      case 413 -> Status.Code.RESOURCE_EXHAUSTED;
      case 503 -> Status.Code.UNAVAILABLE;
      default -> status.isClientError() ? Status.Code.INVALID_ARGUMENT : Status.Code.INTERNAL;
    };
  }

  private static ResponseHeadersBuilder headers(HttpStatus status) {
    return ResponseHeaders.builder(status).contentType(MediaType.JSON_UTF_8);
  }

  private static ObjectNode body(Status.Code code, String message) {
    return mapper.createObjectNode().put("error", message).put("code", code.name());
  }

  private static byte[] bytes(ObjectNode body) {
    try {
      return mapper.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("error body: cannot be written", e);
    }
  }

  private static @Nullable Duration retryDelay(String details) {
    try {
      com.google.rpc.Status status =
          com.google.rpc.Status.parseFrom(Base64.getDecoder().decode(details));
      for (Any detail : status.getDetailsList()) {
        if (detail.is(RetryInfo.class)) {
          return detail.unpack(RetryInfo.class).getRetryDelay();
        }
      }
      return null;
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new IllegalStateException("status details: written by this server, not read", e);
    }
  }
}
