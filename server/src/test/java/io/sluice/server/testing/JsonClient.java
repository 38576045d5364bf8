package io.sluice.server.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** HTTP and JSON as a stranger speaks them: the JDK's client and Jackson, nothing of the server. */
public final class JsonClient {
  private static final ObjectMapper mapper = new ObjectMapper();

  private final HttpClient client;
  private final int port;

  private JsonClient(int port, HttpClient.Version version) {
    this.port = port;
    this.client = HttpClient.newBuilder().version(version).build();
  }

  /** Over HTTP/2 once the server has agreed to it. */
  public JsonClient(int port) {
    this(port, HttpClient.Version.HTTP_2);
  }

  /**
   * Over HTTP/1.1, for bodies that are refused before they are read: over HTTP/2 the JDK's client
   * goes on sending them and never sees why.
   */
  public static JsonClient overHttp1(int port) {
    return new JsonClient(port, HttpClient.Version.HTTP_1_1);
  }

  /** What came back. */
  public record Reply(HttpResponse<String> response) {
    public int status() {
      return response.statusCode();
    }

    public JsonNode json() {
      try {
        return mapper.readTree(response.body());
      } catch (IOException e) {
        throw new UncheckedIOException("not JSON: " + response.body(), e);
      }
    }

    public String error() {
      return json().path("error").asText();
    }

    public String code() {
      return json().path("code").asText();
    }
  }

  public Reply post(String path, String json) {
    return send("POST", path, "application/json", json);
  }

  /** The same with one more header. */
  public Reply post(String path, String json, String header, String value) {
    BodyPublisher body = BodyPublishers.ofString(json);
    return sendAsync("POST", path, "application/json", body, header, value).join();
  }

  public Reply get(String path) {
    return send("GET", path, null, null);
  }

  /** Sends and waits; null leaves the header or the body out. */
  public Reply send(
      String method, String path, @Nullable String contentType, @Nullable String body) {
    return sendAsync(method, path, contentType, body).join();
  }

  /** The same, not waiting. */
  public CompletableFuture<Reply> sendAsync(
      String method, String path, @Nullable String contentType, @Nullable String body) {
    return sendAsync(
        method,
        path,
        contentType,
        body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
  }

  /** Sends bytes and waits. */
  public Reply upload(String path, String contentType, byte[] body) {
    return sendAsync("POST", path, contentType, BodyPublishers.ofByteArray(body)).join();
  }

  private CompletableFuture<Reply> sendAsync(
      String method,
      String path,
      @Nullable String contentType,
      BodyPublisher body,
      String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(20))
            .method(method, body);
    if (contentType != null) {
      request.header("content-type", contentType);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.sendAsync(request.build(), BodyHandlers.ofString()).thenApply(Reply::new);
  }
}
