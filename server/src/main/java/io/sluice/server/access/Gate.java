package io.sluice.server.access;

import static java.util.Objects.requireNonNull;

import com.linecorp.armeria.common.ExchangeType;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.auth.OAuth2Token;
import com.linecorp.armeria.common.logging.RequestLogProperty;
import com.linecorp.armeria.common.util.TimeoutMode;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.RoutingContext;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;
import com.linecorp.armeria.server.auth.AuthTokenExtractors;
import io.grpc.Status;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What every request of a port passes first: the connection's limits, who it is from, what that
 * client may take, and what it may do. Health is told to everybody, within the limits of an
 * address. Thread-safe.
 */
final class Gate extends SimpleDecoratingHttpService {
  /** Paths as the router knows them, whole: nothing near them is health. */
  private static final Set<String> HEALTH =
      Set.of(
          "/grpc.health.v1.Health/Check",
          "/grpc.health.v1.Health/Watch",
          "/grpc.health.v1.Health/List",
          "/inference.GRPCInferenceService/ServerLive",
          "/inference.GRPCInferenceService/ServerReady",
          "/v2/health/live",
          "/v2/health/ready");

  /** Requests at once on a connection that answers them in order. */
  private static final int PIPELINED = 64;

  private static final Duration SURPLUS_RETRY = Duration.ofSeconds(1);
  private static final Function<? super RequestHeaders, @Nullable OAuth2Token> BEARER =
      AuthTokenExtractors.oAuth2();

  private final PortAccess port;
  private final Consumer<Status.Code> refused;

  Gate(HttpService guarded, PortAccess port, Consumer<Status.Code> refused) {
    super(guarded);
    this.port = requireNonNull(port, "port");
    this.refused = requireNonNull(refused, "refused");
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) throws Exception {
    Channel channel =
        requireNonNull(
            context.log().ensureAvailable(RequestLogProperty.SESSION).channel(), "channel");
    ConnectionGuard guard = requireNonNull(ConnectionGuard.of(channel), "guard");
    int running = guard.began();
    whenOver(context, guard::ended);
    if (!context.sessionProtocol().isMultiplex() && running > PIPELINED) {
      // Answers to requests sent ahead wait in memory for a client that may never read them.
      close(channel);
      return refuse(pipelined(), request);
    }
    if (port.isSecure() && !context.sessionProtocol().isTls()) {
      return refuse(Refusal.plainText(), request);
    }
    if (guard.isSurplus()) {
      leave(context, channel);
      return refuse(surplus(channel), request);
    }
    if (!isGrpc(request.contentType())) {
      context.setRequestTimeout(TimeoutMode.SET_FROM_START, port.requestTimeout());
    }
    Grant grant = grant(request.headers());
    Client client =
        port.clients()
            .client(
                grant == null
                    ? Connections.address(channel.remoteAddress()).getHostAddress()
                    : "token " + grant.name());
    Refusal refusal = client.begin(port.clients().nowNanos());
    if (refusal != null) {
      return refuse(refusal, request);
    }
    whenOver(context, client::finish);
    refusal = refusal(context.path(), request.headers(), grant);
    return refusal == null ? unwrap().serve(context, request) : refuse(refusal, request);
  }

  /** Nobody's body is waited for who may not ask. */
  @Override
  public ExchangeType exchangeType(RoutingContext routing) {
    return refusal(routing.path(), routing.headers(), grant(routing.headers())) == null
        ? super.exchangeType(routing)
        : ExchangeType.BIDI_STREAMING;
  }

  private @Nullable Grant grant(RequestHeaders headers) {
    TokenFile tokens = port.tokens();
    OAuth2Token shown = tokens == null ? null : BEARER.apply(headers);
    return tokens == null || shown == null
        ? null
        : tokens.find(new AccessToken(shown.accessToken()));
  }

  private @Nullable Refusal refusal(String path, RequestHeaders headers, @Nullable Grant grant) {
    if (port.tokens() == null || HEALTH.contains(path)) {
      return null;
    }
    if (grant == null) {
      return Refusal.unauthenticated(
          headers.contains("authorization") ? "not a token this server knows" : "none");
    }
    Role needed = port.role(path);
    return grant.role().includes(needed) ? null : Refusal.denied(grant, needed);
  }

  private HttpResponse refuse(Refusal refusal, HttpRequest request) {
    refused.accept(refusal.code());
    return refusal.response(request.headers());
  }

  private static Refusal pipelined() {
    return Refusal.exhausted(
        "connection: more than " + PIPELINED + " requests ahead of their answers (expected: fewer)",
        SURPLUS_RETRY);
  }

  private Refusal surplus(Channel channel) {
    return Refusal.exhausted(
        Connections.address(channel.remoteAddress()).getHostAddress()
            + ": more than "
            + port.limits().connectionsPerAddress()
            + " connections (expected: at most that)",
        SURPLUS_RETRY);
  }

  /** The answer says that it is the last one; who asks on regardless is cut off. */
  private static void leave(ServiceRequestContext context, Channel channel) {
    var unused = context.initiateConnectionShutdown(Duration.ZERO);
    whenOver(context, () -> close(channel));
  }

  private static void close(Channel channel) {
    var unused = channel.close();
  }

  private static void whenOver(ServiceRequestContext context, Runnable then) {
    var unused = context.log().whenComplete().thenRun(then);
  }

  private static boolean isGrpc(@Nullable MediaType type) {
    return type != null && type.type().equals("application") && type.subtype().startsWith("grpc");
  }
}
