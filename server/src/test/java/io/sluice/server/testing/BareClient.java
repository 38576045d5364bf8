package io.sluice.server.testing;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.client.WebClientBuilder;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.auth.AuthToken;
import io.grpc.Status;
import io.sluice.server.access.AccessToken;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A client without stubs: any bytes to any method over gRPC, any path over HTTP/1.1. Thread-safe.
 */
public final class BareClient {
  private static final int PREFIX_BYTES = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final WebClient grpc;
  private final WebClient http;

  /**
   * @param port of this machine, in plain text
   * @param token shown with every call; null for none
   */
  public BareClient(int port, @Nullable AccessToken token) {
    this.grpc = client("h2c", port, token);
    this.http = client("h1c", port, token);
  }

  private static WebClient client(String protocol, int port, @Nullable AccessToken token) {
    WebClientBuilder builder =
        WebClient.builder(protocol + "://127.0.0.1:" + port)
            .responseTimeout(PATIENCE)
            .maxResponseLength(0);
    if (token != null) {
      builder.auth(AuthToken.ofOAuth2(token.secret()));
    }
    return builder.build();
  }

  /**
   * What came back.
   *
   * @param status code of gRPC by its name, or else the number of HTTP
   * @param message of gRPC, or else the body
   * @param retryAfter when to come back; null if it does not say
   */
  public record Reply(String status, String message, @Nullable Duration retryAfter) {}

  /** The frame of one message, not compressed. */
  public static byte[] framed(byte[] message) {
    return ByteBuffer.allocate(PREFIX_BYTES + message.length)
        .put((byte) 0)
        .putInt(message.length)
        .put(message)
        .array();
  }

  /**
   * Sends a body, which should be of framed messages, to {@code package.Service/Method}. A reply
   * without a status of gRPC has that of HTTP.
   */
  public CompletableFuture<Reply> grpc(String method, byte[] body) {
    RequestHeaders headers =
        RequestHeaders.of(
            HttpMethod.POST,
            "/" + method,
            HttpHeaderNames.CONTENT_TYPE,
            "application/grpc",
            HttpHeaderNames.TE,
            "trailers");
    return grpc.execute(headers, HttpData.wrap(body)).aggregate().thenApply(BareClient::ofGrpc);
  }

  /** Sends a request that claims to be JSON. */
  public CompletableFuture<Reply> http(String method, String path, byte[] body) {
    RequestHeaders headers =
        RequestHeaders.of(
            HttpMethod.valueOf(method), path, HttpHeaderNames.CONTENT_TYPE, "application/json");
    return http.execute(headers, HttpData.wrap(body)).aggregate().thenApply(BareClient::ofHttp);
  }

  private static Reply ofGrpc(AggregatedHttpResponse response) {
    HttpHeaders trailers =
        response.trailers().contains("grpc-status") ? response.trailers() : response.headers();
    String code = trailers.get("grpc-status");
    if (code == null) {
      return ofHttp(response);
    }
    String details = trailers.get("grpc-status-details-bin");
    return new Reply(
        Status.fromCodeValue(Integer.parseInt(code)).getCode().toString(),
        trailers.get("grpc-message", ""),
        details == null ? null : retryAfter(details));
  }

  private static Reply ofHttp(AggregatedHttpResponse response) {
    String seconds = response.headers().get(HttpHeaderNames.RETRY_AFTER);
    return new Reply(
        String.valueOf(response.status().code()),
        response.contentUtf8(),
        seconds == null ? null : Duration.ofSeconds(Long.parseLong(seconds)));
  }

  private static @Nullable Duration retryAfter(String details) {
    try {
      for (Any detail :
          com.google.rpc.Status.parseFrom(Base64.getDecoder().decode(details)).getDetailsList()) {
        if (detail.is(RetryInfo.class)) {
          com.google.protobuf.Duration delay = detail.unpack(RetryInfo.class).getRetryDelay();
          return Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
        }
      }
      return null;
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("grpc-status-details-bin: not read", e);
    }
  }
}
