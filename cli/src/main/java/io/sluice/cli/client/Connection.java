package io.sluice.cli.client;

import static java.util.Objects.requireNonNull;

import com.linecorp.armeria.client.grpc.GrpcClientBuilder;
import com.linecorp.armeria.client.grpc.GrpcClients;
import com.linecorp.armeria.common.auth.AuthToken;
import io.sluice.loadtest.client.AdminClient;
import io.sluice.proto.v1.AdapterServiceGrpc.AdapterServiceBlockingStub;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a client reaches a server.
 *
 * @param endpoint the port
 * @param timeout of one call
 * @param token shown with every call; null for none
 * @param tls null for plain text
 */
public record Connection(
    Endpoint endpoint, Duration timeout, @Nullable String token, @Nullable ClientTls tls) {
  public Connection {
    requireNonNull(endpoint, "endpoint");
    requireNonNull(timeout, "timeout");
  }

  /** Plain text, and no token. */
  public static Connection plain(Endpoint endpoint, Duration timeout) {
    return new Connection(endpoint, timeout, null, null);
  }

  /** A client of the server's admin port, if that is the endpoint. */
  public AdminClient admin() {
    return new AdminClient(
        stub(AdapterServiceBlockingStub.class).getChannel(), endpoint.toString(), timeout);
  }

  /** A client of a service, which takes replies of any length: a list of ten thousand tasks. */
  <T> T stub(Class<T> type) {
    return builder().responseTimeout(timeout).maxResponseLength(0).build(type);
  }

  /** Where more is to be set than this knows; it has no timeout of ours. */
  GrpcClientBuilder builder() {
    String scheme = tls == null ? "gproto+http://" : "gproto+https://";
    GrpcClientBuilder builder = GrpcClients.builder(scheme + endpoint.authority());
    if (token != null) {
      builder.auth(AuthToken.ofOAuth2(token));
    }
    if (tls != null) {
      builder.factory(tls.factory());
    }
    return builder;
  }

  /** Without the token. */
  @Override
  public String toString() {
    return endpoint.toString();
  }
}
