package io.sluice.server;

import static io.sluice.server.testing.Asked.requireStatus;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.linecorp.armeria.client.grpc.GrpcClients;
import com.linecorp.armeria.common.auth.AuthToken;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.ActivateRequest;
import io.sluice.proto.v1.AdapterServiceGrpc.AdapterServiceBlockingStub;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceBlockingStub;
import io.sluice.proto.v1.ListRequest;
import io.sluice.proto.v1.RollbackRequest;
import io.sluice.server.access.AccessSettings;
import io.sluice.server.access.AccessToken;
import io.sluice.server.access.ClientLimits;
import io.sluice.server.access.Role;
import io.sluice.server.telemetry.MetricsPage;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.TestingBackbone;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in, and how much of it, over real connections. */
@Timeout(60)
class AccessTest {
  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final SecureRandom random = new SecureRandom();
  private static final AccessToken infer = AccessToken.create(random);
  private static final AccessToken operate = AccessToken.create(random);
  private static final AccessToken later = AccessToken.create(random);
  private static final AccessToken unknown = AccessToken.create(random);

  private static Path home;
  private static Path tokens;
  private static RunningServer running;
  private static SluiceServer server;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    home = folder;
    tokens = folder.resolve("tokens");
    Files.write(
        tokens,
        List.of("# who may", "", infer.line(Role.INFER, "ci"), operate.line(Role.OPERATE, "ops")));
    running = start("store", new AccessSettings(tokens, null, null, ClientLimits.defaults()));
    server = running.server();
  }

  private static RunningServer start(String store, AccessSettings access) {
    Backbone backbone = TestingBackbone.create();
    return new RunningServer(
        home.resolve(store), backbone, ServerSettings.defaults().withAccess(access), runtime);
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  @Test
  void call_noOrUnknownToken_isUnauthenticated() {
    for (AccessToken shown : new AccessToken[] {null, unknown, new AccessToken("a")}) {
      requireStatus(
          () -> classify(shown, "film"), Status.Code.UNAUTHENTICATED, "Bearer and a token");
      requireStatus(() -> list(shown), Status.Code.UNAUTHENTICATED, "Bearer and a token");
    }
  }

  @Test
  void call_insufficientRole_isDenied() {
    // The task is not there: the token was let through.
    requireStatus(() -> classify(infer, "film"), Status.Code.NOT_FOUND, "film");
    requireStatus(() -> classify(operate, "film"), Status.Code.NOT_FOUND, "film");
    requireStatus(() -> list(infer), Status.Code.PERMISSION_DENIED, "ci has role infer");
    assertThat(list(operate)).isZero();
  }

  @Test
  void http_tokens_haveTheirStatuses() throws Exception {
    String path = "/v1/tasks/film:classify";
    HttpResponse<String> none = post(server.port(), path, null);
    assertThat(none.statusCode()).isEqualTo(401);
    assertThat(none.headers().firstValue("www-authenticate")).hasValue("Bearer realm=\"sluice\"");
    assertThat(none.headers().firstValue("x-request-id")).isPresent();
    assertThat(none.body()).contains("\"code\":\"UNAUTHENTICATED\"");
    assertThat(post(server.port(), path, unknown).statusCode()).isEqualTo(401);
    assertThat(post(server.port(), path, infer).body()).contains("text: empty");
    HttpResponse<String> denied = post(server.adminPort(), "/v1/tasks/film:rollback", infer);
    assertThat(denied.statusCode()).isEqualTo(403);
    assertThat(denied.body()).contains("\"code\":\"PERMISSION_DENIED\"");
  }

  @Test
  void metrics_tokenToOperate_countsWhatWasTurnedAway() throws Exception {
    double unknownBefore = refusals("unauthenticated");
    double deniedBefore = refusals("permission_denied");
    assertThat(post(server.port(), "/v1/tasks/film:classify", null).statusCode()).isEqualTo(401);
    requireStatus(() -> classify(unknown, "film"), Status.Code.UNAUTHENTICATED, "");
    requireStatus(() -> list(infer), Status.Code.PERMISSION_DENIED, "");
    assertThat(refusals("unauthenticated") - unknownBefore).isEqualTo(2);
    assertThat(refusals("permission_denied") - deniedBefore).isEqualTo(1);
  }

  private static double refusals(String reason) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.adminPort() + MetricsPage.PATH))
            .header("authorization", "Bearer " + operate.secret())
            .build();
    String line = "sluice_refusals_total{reason=\"" + reason + "\"} ";
    return HttpClient.newHttpClient()
        .send(request, BodyHandlers.ofString())
        .body()
        .lines()
        .filter(told -> told.startsWith(line))
        .mapToDouble(told -> Double.parseDouble(told.substring(line.length())))
        .sum();
  }

  @Test
  void nothingButHealth_isToldToEverybody() throws Exception {
    for (int port : List.of(server.port(), server.adminPort())) {
      assertThat(
              stub(port, HealthGrpc.HealthBlockingStub.class, null)
                  .check(HealthCheckRequest.getDefaultInstance())
                  .getStatusValue())
          .isEqualTo(1);
      for (String path :
          List.of(
              "/",
              "/docs/",
              "/docs/specification.json",
              "/v1/tasks",
              "/metrics",
              "/grpc.health.v1.Health/Check/",
              "/nothing")) {
        assertThat(get(port, path)).as(path).isEqualTo(401);
      }
    }
  }

  @Test
  void tokens_fileChanged_isReadAgain() throws IOException {
    requireStatus(() -> classify(later, "film"), Status.Code.UNAUTHENTICATED, "");
    List<String> before = Files.readAllLines(tokens);
    List<String> more = new ArrayList<>(before);
    more.add(later.line(Role.INFER, "later"));
    replace(more);
    await().until(() -> codeOf(() -> classify(later, "film")) == Status.Code.NOT_FOUND);
    // What cannot be read changes nothing.
    replace(List.of("rubbish"));
    replace(before);
    await().until(() -> codeOf(() -> classify(later, "film")) == Status.Code.UNAUTHENTICATED);
  }

  @Test
  void start_wrongSettings_areRefusedWithTheWayOut() throws IOException {
    Path wrong = Files.writeString(home.resolve("wrong"), "# x\n" + infer.secret() + "\n");
    assertThatThrownBy(
            () -> start("other", new AccessSettings(wrong, null, null, ClientLimits.defaults())))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining(
            "wrong:2: not a token's line (expected: sha256:HEX metrics|infer|operate")
        .hasMessageNotContaining(infer.secret());
    ServerSettings open = ServerSettings.defaults().withAdminHost("0.0.0.0");
    assertThatThrownBy(
            () -> new RunningServer(home.resolve("other"), TestingBackbone.create(), open, runtime))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("admin-host: 0.0.0.0 without tokens")
        .hasMessageContaining("--tokens FILE");
  }

  /** Nothing that a request names is a path or goes into a log or an answer raw. */
  @Test
  void names_nasty_openNothing() throws Exception {
    List<String> before = files();
    for (String name :
        List.of(
            "../../etc/passwd",
            "..",
            ".",
            "/etc/passwd",
            "C:\\windows",
            "a/../b",
            "a%2f..%2fb",
            "a\u0000b",
            "a\nb",
            "a\r\nx: y",
            "\u001b[31mred",
            "a\u202eb",
            "file:///etc/passwd",
            "http://127.0.0.1/",
            "\\\\host\\share",
            "é",
            "a".repeat(10_000))) {
      String shown = name.length() > 20 ? name.substring(0, 20) : name;
      List<StatusRuntimeException> ends =
          List.of(
              end(() -> classify(operate, name)),
              end(
                  () ->
                      admin(operate)
                          .activate(
                              ActivateRequest.newBuilder().setTask(name).setRevision(1).build())),
              end(
                  () ->
                      admin(operate)
                          .activate(
                              ActivateRequest.newBuilder()
                                  .setTask("film")
                                  .setDigest(name)
                                  .build())),
              end(
                  () ->
                      admin(operate)
                          .rollback(
                              RollbackRequest.newBuilder()
                                  .setTask("film")
                                  .setExpectedActiveDigest(name)
                                  .build())),
              end(
                  () ->
                      admin(operate).rollback(RollbackRequest.newBuilder().setTask(name).build())));
      for (StatusRuntimeException refusal : ends) {
        assertThat(refusal.getStatus().getCode())
            .as("%s: %s", shown, refusal.getStatus())
            .isIn(Status.Code.INVALID_ARGUMENT, Status.Code.NOT_FOUND);
        assertThat(String.valueOf(refusal.getStatus().getDescription()).chars())
            .as("%s: %s", shown, refusal.getStatus())
            .noneMatch(c -> Character.isISOControl(c) || c == 0x202e);
      }
    }
    assertThat(files()).isEqualTo(before);
  }

  private static List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(home.resolve("store"))) {
      return all.map(Path::toString).filter(file -> !file.contains("store.db")).sorted().toList();
    }
  }

  private static Object classify(@Nullable AccessToken token, String task) {
    return classify(server.port(), token, task);
  }

  private static Object classify(int port, @Nullable AccessToken token, String task) {
    return stub(port, InferenceServiceBlockingStub.class, token)
        .classify(ClassifyRequest.newBuilder().setTask(task).setText("good").build());
  }

  private static int list(@Nullable AccessToken token) {
    return admin(token).list(ListRequest.getDefaultInstance()).getTasksCount();
  }

  private static AdapterServiceBlockingStub admin(@Nullable AccessToken token) {
    return stub(server.adminPort(), AdapterServiceBlockingStub.class, token);
  }

  private static <T> T stub(int port, Class<T> type, @Nullable AccessToken token) {
    var builder = GrpcClients.builder("gproto+http://127.0.0.1:" + port + "/");
    if (token != null) {
      builder.auth(AuthToken.ofOAuth2(token.secret()));
    }
    return builder.build(type);
  }

  private static Status.Code codeOf(Runnable call) {
    return end(call).getStatus().getCode();
  }

  /** How a call ends that is refused. */
  private static StatusRuntimeException end(Runnable call) {
    try {
      call.run();
    } catch (StatusRuntimeException e) {
      return e;
    }
    throw new AssertionError("answered (expected: a refusal)");
  }

  private static HttpResponse<String> post(int port, String path, @Nullable AccessToken token)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{}"));
    if (token != null) {
      request.header("authorization", "Bearer " + token.secret());
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }

  private static int get(int port, String path) throws IOException, InterruptedException {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .build()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
            BodyHandlers.ofString())
        .statusCode();
  }

  /** As it should be done: whole, by a rename. */
  private static void replace(List<String> lines) throws IOException {
    Path next = Files.write(home.resolve("tokens.new"), lines);
    Files.move(next, tokens, StandardCopyOption.REPLACE_EXISTING);
  }
}
