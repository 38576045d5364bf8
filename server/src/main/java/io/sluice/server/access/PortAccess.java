package io.sluice.server.access;

import static java.util.Objects.requireNonNull;

import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServerPort;
import com.linecorp.armeria.server.ServerTlsConfig;
import io.grpc.Status;
import io.netty.handler.ssl.ClientAuth;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What guards one port. Thread-safe. */
public final class PortAccess {
  private final Role role;
  private final Map<String, Role> paths;
  private final @Nullable Watched<TokenFile> tokens;
  private final @Nullable Watched<TlsFiles> tls;
  private final Clients clients;
  private final ClientLimits limits;
  private final Duration requestTimeout;

  PortAccess(
      Role role,
      Map<String, Role> paths,
      @Nullable Watched<TokenFile> tokens,
      @Nullable Watched<TlsFiles> tls,
      Clients clients,
      ClientLimits limits,
      Duration requestTimeout) {
    this.role = requireNonNull(role, "role");
    this.paths = Map.copyOf(paths);
    this.tokens = tokens;
    this.tls = tls;
    this.clients = requireNonNull(clients, "clients");
    this.limits = requireNonNull(limits, "limits");
    this.requestTimeout = requireNonNull(requestTimeout, "requestTimeout");
  }

  /** What lets everybody in, in plain text, within the limits there are unless stated. */
  public static PortAccess toAll(Duration requestTimeout) {
    ClientLimits limits = ClientLimits.defaults();
    return new PortAccess(
        Role.INFER,
        Map.of(),
        null,
        null,
        new Clients(limits, System::nanoTime),
        limits,
        requestTimeout);
  }

  /**
   * Makes the server listen at the address and every request of it pass the gate.
   *
   * @param refused hears of every request that does not
   */
  public void guard(
      ServerBuilder server, InetSocketAddress address, Consumer<Status.Code> refused) {
    requireNonNull(refused, "refused");
    if (tls == null) {
      server.port(new ServerPort(address, SessionProtocol.HTTP));
    } else {
      // Plain text is taken only to be told that it is wrong: see Gate.
      server.port(new ServerPort(address, SessionProtocol.HTTPS, SessionProtocol.HTTP));
      boolean certified = !tls.get().authorities().isEmpty();
      server.tlsProvider(
          new LiveTls(tls),
          ServerTlsConfig.builder()
              .clientAuth(certified ? ClientAuth.REQUIRE : ClientAuth.NONE)
              .build());
    }
    Connections connections = new Connections();
    server
        .maxNumConnections(limits.connections())
        .idleTimeout(limits.idle())
        .http2MaxStreamsPerConnection(limits.streamsPerConnection())
        .http2MaxHeaderListSize(limits.headerBytes())
        .http1MaxHeaderSize(limits.headerBytes())
        .http1MaxInitialLineLength(limits.headerBytes())
        .childChannelPipelineCustomizer(
            pipeline -> pipeline.addFirst(new ConnectionGuard(connections, limits)))
        .decorator(guarded -> new Gate(guarded, this, refused));
  }

  /** Whether it speaks TLS only. */
  boolean isSecure() {
    return tls != null;
  }

  /** What a path takes, whole and as the router knows it. */
  Role role(String path) {
    return paths.getOrDefault(path, role);
  }

  @Nullable TokenFile tokens() {
    return tokens == null ? null : tokens.get();
  }

  Clients clients() {
    return clients;
  }

  ClientLimits limits() {
    return limits;
  }

  Duration requestTimeout() {
    return requestTimeout;
  }
}
