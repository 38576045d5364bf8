package io.sluice.server;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.inference.GRPCInferenceServiceGrpc;
import io.sluice.proto.v1.AdapterServiceGrpc;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc;
import io.sluice.server.access.AccessSettings;
import io.sluice.server.access.AccessToken;
import io.sluice.server.access.ClientLimits;
import io.sluice.server.access.Role;
import io.sluice.server.access.TlsSettings;
import io.sluice.server.testing.BareClient;
import io.sluice.server.testing.BareClient.Reply;
import io.sluice.server.testing.RawConnection;
import io.sluice.server.testing.RowStream;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.StatusTable;
import io.sluice.server.testing.TestingBackbone;
import io.sluice.server.testing.TestingCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What each method and each path of both ports says to who may not ask it, or not so much: every
 * cell of the second table in {@code docs/statuses.md}, over real channels.
 */
@Timeout(120)
class GuardStatusesTest {
  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final SecureRandom random = new SecureRandom();
  private static final AccessToken infer = AccessToken.create(random);
  private static final AccessToken operate = AccessToken.create(random);
  private static final AccessToken metrics = AccessToken.create(random);

  /** Of all that a port serves, what everybody may ask. */
  private static final Set<String> HEALTH =
      Set.of(
          "inference.GRPCInferenceService/ServerLive",
          "inference.GRPCInferenceService/ServerReady",
          "GET /v2/health/live",
          "GET /v2/health/ready");

  private static final String METRICS_PAGE = "GET /metrics";

  private static final Map<String, ServiceDescriptor> SERVICES =
      Stream.of(
              InferenceServiceGrpc.getServiceDescriptor(),
              AdapterServiceGrpc.getServiceDescriptor(),
              GRPCInferenceServiceGrpc.getServiceDescriptor(),
              ServerReflectionGrpc.getServiceDescriptor(),
              HealthGrpc.getServiceDescriptor())
          .collect(Collectors.toMap(ServiceDescriptor::getName, Function.identity()));

  private static final List<RunningServer> servers = new ArrayList<>();
  private static final List<RawConnection> held = new ArrayList<>();
  private static final Map<String, Matter> matters = new LinkedHashMap<>();

  /** By port of {@link #guarded}: what it serves besides health. */
  private static Port data;

  private static Port admin;
  private static RunningServer guarded;
  private static RunningServer slow;

  /** Who asks which server. */
  private record Matter(RunningServer server, @Nullable AccessToken token) {
    BareClient data() {
      return new BareClient(server.server().port(), token);
    }

    BareClient admin() {
      return new BareClient(server.server().adminPort(), token);
    }
  }

  /** Methods {@code package.Service/Method} and HTTP forms {@code GET /path}. */
  private record Port(List<String> methods, List<String> paths) {}

  @BeforeAll
  static void start(@TempDir Path home) throws IOException {
    Path tokens = home.resolve("tokens");
    Files.write(
        tokens,
        List.of(
            metrics.line(Role.METRICS, "prometheus"),
            infer.line(Role.INFER, "web"),
            operate.line(Role.OPERATE, "ops")));
    ClientLimits limits = ClientLimits.defaults();
    guarded = start(home, "guarded", new AccessSettings(tokens, null, null, limits));
    data = port(guarded.server().port());
    admin = port(guarded.server().adminPort());
    matters.put("no token, where there are tokens", new Matter(guarded, null));
    matters.put("a token that is not known", new Matter(guarded, AccessToken.create(random)));
    matters.put("a token of role `infer`", new Matter(guarded, infer));
    matters.put("a token of role `metrics`", new Matter(guarded, metrics));

    TestingCertificate made = TestingCertificate.create(home, "made", "-1d", 10);
    TlsSettings tls = new TlsSettings(made.certificate(), made.key(), null);
    RunningServer secure = start(home, "secure", new AccessSettings(null, tls, null, limits));
    matters.put("plain text on a TLS port", new Matter(secure, null));

    slow = start(home, "slow", new AccessSettings(tokens, null, null, limits.withRate(1)));
    matters.put("more requests a second than a client may begin", new Matter(slow, operate));

    RunningServer narrow = start(home, "narrow", open(limits.withConcurrentRequests(1)));
    RowStream one = RowStream.open(narrow, true);
    one.send(1, ClassifyRequest.newBuilder().setTask("film").setText("good").build());
    Awaitility.await().until(() -> one.replies().size() == 1);
    matters.put("more requests at a time than a client may have", new Matter(narrow, null));

    RunningServer crowded = start(home, "crowded", open(limits.withConnections(1, 100)));
    for (int port : List.of(crowded.server().port(), crowded.server().adminPort())) {
      RawConnection first = RawConnection.from(1, port);
      first.send(RawConnection.get("/nothing"));
      assertThat(first.status()).isEqualTo(404);
      held.add(first);
    }
    matters.put("more connections than an address may have", new Matter(crowded, null));
  }

  private static AccessSettings open(ClientLimits limits) {
    return new AccessSettings(null, null, null, limits);
  }

  private static RunningServer start(Path home, String name, AccessSettings access) {
    RunningServer started =
        new RunningServer(
            home.resolve(name), backbone, ServerSettings.defaults().withAccess(access), runtime);
    servers.add(started);
    return started;
  }

  @AfterAll
  static void stop() throws IOException {
    for (RawConnection one : held) {
      one.close();
    }
    servers.parallelStream().forEach(RunningServer::close);
  }

  @TestFactory
  List<DynamicTest> statuses_everyCellOfTheTable_isWhatAClientSees() {
    List<DynamicTest> tests = new ArrayList<>();
    List<String> found = new ArrayList<>();
    for (List<String> row : StatusTable.rows("who asks")) {
      String name = row.get(0);
      found.add(name);
      Matter matter = requireNonNull(matters.get(name));
      add(tests, name + ": data, gRPC", row.get(1), data.methods(), grpc(matter.data()));
      add(tests, name + ": data, HTTP", row.get(2), data.paths(), http(matter.data()));
      add(tests, name + ": admin, gRPC", row.get(3), admin.methods(), grpc(matter.admin()));
      List<String> closed = new ArrayList<>(admin.paths());
      if (metrics.equals(matter.token())) {
        closed.remove(METRICS_PAGE);
      }
      add(tests, name + ": admin, HTTP", row.get(4), closed, http(matter.admin()));
    }
    assertThat(found).containsExactlyElementsOf(matters.keySet());
    return tests;
  }

  private static void add(
      List<DynamicTest> tests,
      String name,
      String cell,
      List<String> asked,
      Function<String, Reply> ask) {
    if (!cell.equals("-")) {
      tests.add(dynamicTest(name, () -> asked.forEach(what -> require(what, cell, ask))));
    }
  }

  /** Asks again where a second may have passed in which one request is let through. */
  private static void require(String what, String cell, Function<String, Reply> ask) {
    boolean exhausted = cell.equals("RESOURCE_EXHAUSTED") || cell.equals("429");
    Reply reply = ask.apply(what);
    for (int i = 0; i < 5 && exhausted && !reply.status().equals(cell); i++) {
      reply = ask.apply(what);
    }
    assertThat(reply.status()).as("%s: %s", what, reply.message()).isEqualTo(cell);
    assertThat(reply.retryAfter() != null)
        .as("%s says when to come back", what)
        .isEqualTo(exhausted);
  }

  private static Function<String, Reply> grpc(BareClient client) {
    return method -> client.grpc(method, BareClient.framed(new byte[0])).join();
  }

  private static Function<String, Reply> http(BareClient client) {
    return form -> {
      int space = form.indexOf(' ');
      byte[] body = form.startsWith("GET") ? new byte[0] : new byte[] {'{', '}'};
      return client.http(form.substring(0, space), form.substring(space + 1), body).join();
    };
  }

  @Test
  void overTheRate_isToldHowLong_andHoldsUpNobodyElse() {
    BareClient eager = new BareClient(slow.server().port(), operate);
    Function<String, Reply> ask = grpc(eager);
    String method = "sluice.v1.InferenceService/Classify";
    require(method, "RESOURCE_EXHAUSTED", ask);
    Reply refused = ask.apply(method);
    assertThat(refused.message()).contains("token ops").contains("1 requests a second");
    assertThat(refused.retryAfter()).isBetween(Duration.ofNanos(1), Duration.ofSeconds(1));
    assertThat(grpc(new BareClient(slow.server().port(), infer)).apply(method).status())
        .isEqualTo("INVALID_ARGUMENT");
  }

  @Test
  void health_isToldToEverybody() {
    for (Supplier<BareClient> port :
        List.<Supplier<BareClient>>of(
            () -> new BareClient(guarded.server().port(), null),
            () -> new BareClient(guarded.server().adminPort(), null))) {
      assertThat(http(port.get()).apply("GET /v2/health/live").status()).isEqualTo("200");
      assertThat(http(port.get()).apply("GET /v2/health/ready").status()).isEqualTo("200");
      for (String method :
          List.of(
              "grpc.health.v1.Health/Check",
              "inference.GRPCInferenceService/ServerLive",
              "inference.GRPCInferenceService/ServerReady")) {
        assertThat(grpc(port.get()).apply(method).status()).as(method).isEqualTo("OK");
      }
    }
  }

  /** A sufficient token is let through to every method: what it then ends with is the method's. */
  @Test
  void sufficientToken_isLetThrough() {
    for (AccessToken token : List.of(infer, operate)) {
      BareClient client = new BareClient(guarded.server().port(), token);
      for (String method : data.methods()) {
        assertThat(grpc(client).apply(method).status())
            .as(method)
            .isNotIn("UNAUTHENTICATED", "PERMISSION_DENIED");
      }
    }
    BareClient client = new BareClient(guarded.server().adminPort(), operate);
    for (String method : admin.methods()) {
      assertThat(grpc(client).apply(method).status())
          .as(method)
          .isNotIn("UNAUTHENTICATED", "PERMISSION_DENIED");
    }
  }

  @Test
  void metrics_areToldToWhoMayReadOrOperate() {
    for (AccessToken token : List.of(metrics, operate)) {
      Reply page = http(new BareClient(guarded.server().adminPort(), token)).apply(METRICS_PAGE);
      assertThat(page.status()).isEqualTo("200");
      assertThat(page.message()).contains("sluice_refusals_total{reason=");
    }
    // Nothing near the page is the page.
    for (String path : List.of("/metrics/", "/metrics/x", "/Metrics")) {
      assertThat(
              http(new BareClient(guarded.server().adminPort(), metrics))
                  .apply("GET " + path)
                  .status())
          .as(path)
          .isEqualTo("403");
    }
  }

  /** What a port says itself that it serves, to who may know. */
  private static Port port(int port) throws IOException {
    String told = http(new BareClient(port, operate)).apply("GET /nothing").message();
    List<String> methods = new ArrayList<>();
    List<String> paths =
        new ArrayList<>(
            List.of("GET /", "GET /docs/specification.json", METRICS_PAGE, "GET /nothing"));
    for (JsonNode endpoint : new ObjectMapper().readTree(told).path("endpoints")) {
      String line = endpoint.asText();
      if (line.startsWith("gRPC ")) {
        ServiceDescriptor service = requireNonNull(SERVICES.get(line.substring(5)), line);
        service.getMethods().stream()
            .map(MethodDescriptor::getFullMethodName)
            .forEach(methods::add);
      } else {
        paths.add(line.replaceAll("\\{[^}]*}", "film"));
      }
    }
    methods.removeIf(method -> HEALTH.contains(method) || method.startsWith("grpc.health"));
    paths.removeAll(HEALTH);
    assertThat(methods).hasSizeGreaterThan(7);
    assertThat(paths).hasSizeGreaterThan(7);
    return new Port(methods, paths);
  }
}
