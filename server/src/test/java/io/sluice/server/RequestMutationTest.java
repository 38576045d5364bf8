package io.sluice.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.linecorp.armeria.client.grpc.GrpcClients;
import com.linecorp.armeria.common.auth.AuthToken;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceBlockingStub;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.server.access.AccessSettings;
import io.sluice.server.access.AccessToken;
import io.sluice.server.access.ClientLimits;
import io.sluice.server.access.Role;
import io.sluice.server.testing.BareClient;
import io.sluice.server.testing.BareClient.Reply;
import io.sluice.server.testing.Http2Bytes;
import io.sluice.server.testing.Mutants;
import io.sluice.server.testing.RawConnection;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.Specimens;
import io.sluice.server.testing.Specimens.Call;
import io.sluice.server.testing.Specimens.Form;
import io.sluice.server.testing.TestingBackbone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged requests of every method, in every layer: each ends, and as the table of statuses says;
 * none is a fault of the server's, none is let in without a token, and what serves goes on.
 */
@Timeout(240)
class RequestMutationTest {
  /** In all; {@code -Dsluice.test.mutants=100000} for more. */
  private static final int MUTANTS = Integer.getInteger("sluice.test.mutants", 10_000);

  private static final int AT_ONCE = 100;

  /** Every so many come without a token. */
  private static final int STRANGERS = 4;

  /** What a request can be guilty of, or nothing. */
  private static final Set<String> OF_A_METHOD =
      Set.of(
          "OK",
          "INVALID_ARGUMENT",
          "NOT_FOUND",
          "FAILED_PRECONDITION",
          "ABORTED",
          "RESOURCE_EXHAUSTED",
          "DATA_LOSS");

  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);
  private static final SecureRandom secure = new SecureRandom();
  private static final AccessToken infer = AccessToken.create(secure);
  private static final AccessToken operate = AccessToken.create(secure);

  private static Path home;
  private static RunningServer running;
  private static List<BareClient> clients;
  private static List<Call> calls;
  private static List<Form> forms;
  private static ClassifyReply before;

  private final Random random = new Random();
  private final Map<String, Integer> ends = new TreeMap<>();

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    home = folder;
    Path tokens = folder.resolve("tokens");
    Files.write(tokens, List.of(infer.line(Role.INFER, "web"), operate.line(Role.OPERATE, "ops")));
    // Open first, to bring the tasks in.
    try (RunningServer open =
        new RunningServer(folder.resolve("store"), backbone, ServerSettings.defaults(), runtime)) {
      open.activate("film", bundles.bundle(1, 1, 3));
      open.activate(
          "spans",
          bundles.proven(
              bundles
                  .builder()
                  .kind(TaskKind.ANSWER_SPAN)
                  .textFields("question", "passage")
                  .adaptAt(2, 4)));
    }
    running =
        new RunningServer(
            folder.resolve("store"),
            backbone,
            ServerSettings.defaults()
                .withAccess(new AccessSettings(tokens, null, null, ClientLimits.defaults())),
            runtime);
    int data = running.server().port();
    int admin = running.server().adminPort();
    clients =
        List.of(
            new BareClient(data, operate),
            new BareClient(data, null),
            new BareClient(admin, operate),
            new BareClient(admin, null));
    calls = Specimens.calls(bundles.bundle(2, 2), bundles.bundle(3, 4));
    forms = Specimens.forms();
    before = ask();
    for (Call call : calls) {
      Reply reply = client(call.admin(), false).grpc(call.method(), call.body()).join();
      assertThat(reply.status()).as("%s: %s", call.method(), reply).isEqualTo("OK");
    }
  }

  @AfterEach
  void requireAnswering() {
    System.err.println("RequestMutationTest: " + ends);
    ClassifyReply now = ask();
    assertThat(now.getInfo().getBundleDigest()).isEqualTo(before.getInfo().getBundleDigest());
    assertThat(now.getScores(0).getScore())
        .isCloseTo(before.getScores(0).getScore(), within(1e-5F));
  }

  @AfterAll
  static void drain_afterEverything_findsNothingLeftBehind() throws IOException {
    assertThat(running.server().drain(Duration.ofSeconds(10))).isTrue();
    running.close();
    try (var files = Files.list(home)) {
      assertThat(files.map(file -> String.valueOf(file.getFileName())))
          .containsExactlyInAnyOrder("store", "tokens");
    }
  }

  @Test
  void grpc_messageDamaged_endsAsTheTableSays() {
    seed("messages");
    run(
        MUTANTS / 2,
        () -> {
          Call call = calls.get(random.nextInt(calls.size()));
          boolean stranger = random.nextInt(STRANGERS) == 0;
          byte[] body = call.damagedBody(random);
          return client(call.admin(), stranger)
              .grpc(call.method(), body)
              .thenAccept(
                  reply -> {
                    if (stranger) {
                      require(reply, Set.of("UNAUTHENTICATED"), call.method(), body);
                    } else {
                      require(reply, OF_A_METHOD, call.method(), body);
                    }
                  });
        });
  }

  /** Frames are gRPC's own matter: what is wrong with them it calls INTERNAL or UNIMPLEMENTED. */
  @Test
  void grpc_frameDamaged_ends() {
    seed("frames");
    run(
        MUTANTS / 10,
        () -> {
          Call call = calls.get(random.nextInt(calls.size()));
          byte[] body = Mutants.of(BareClient.framed(call.messages().get(0).toByteArray()), random);
          return client(call.admin(), false)
              .grpc(call.method(), body)
              .thenAccept(
                  reply ->
                      assertThat(reply.status())
                          .as("%s %s: %s", call.method(), hex(body), reply)
                          .isNotIn("UNKNOWN", "CANCELLED", "DEADLINE_EXCEEDED", "500"));
        });
  }

  @Test
  void json_bodyOrPathDamaged_isNoFaultOfTheServer() {
    seed("JSON");
    run(
        MUTANTS / 5,
        () -> {
          Form form = forms.get(random.nextInt(forms.size()));
          boolean stranger = random.nextInt(STRANGERS) == 0;
          byte[] body = Mutants.of(form.json().getBytes(UTF_8), random);
          return client(form.admin(), stranger)
              .http("POST", form.path(), body)
              .thenAccept(
                  reply ->
                      require(
                          reply,
                          stranger
                              ? Set.of("401")
                              : Set.of("200", "400", "404", "409", "413", "429"),
                          form.path(),
                          body));
        });
  }

  @Test
  void http1_bytesDamaged_letNobodyIn() throws IOException {
    seed("HTTP/1.1");
    try (RawConnection whole = RawConnection.from(9, running.server().port())) {
      whole.send(http1(infer));
      assertThat(whole.status()).as("what is damaged is a request").isEqualTo(200);
    }
    bytes(
        http1(AccessToken.create(secure)),
        answer -> assertThat(answer).doesNotContain("HTTP/1.1 2", "HTTP/1.1 500", "bundleDigest"));
  }

  @Test
  void http2_bytesDamaged_letNobodyIn() throws IOException {
    seed("HTTP/2");
    String digest = before.getInfo().getBundleDigest();
    try (RawConnection whole = RawConnection.from(9, running.server().port())) {
      whole.send(Http2Bytes.call(calls.get(0).method(), infer, Specimens.film().toByteArray()));
      assertThat(whole.until(digest)).as("what is damaged is a call").contains(digest);
    }
    bytes(
        Http2Bytes.call(
            calls.get(0).method(), AccessToken.create(secure), Specimens.film().toByteArray()),
        answer -> assertThat(answer).doesNotContain(digest));
  }

  private static byte[] http1(AccessToken token) {
    String body = "{\"text\": \"a good film\"}";
    return ("POST /v1/tasks/film:classify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            + "authorization: Bearer "
            + token.secret()
            + "\r\ncontent-length: "
            + body.length()
            + "\r\n\r\n"
            + body)
        .getBytes(UTF_8);
  }

  private void bytes(byte[] request, Consumer<String> check) throws IOException {
    for (int i = 0; i < MUTANTS / 10; i++) {
      byte[] mutant = Mutants.of(request, random);
      try (RawConnection client = RawConnection.from(9, running.server().port())) {
        client.sendAll(mutant);
        String answer = client.rest();
        String start = answer.substring(0, Math.min(12, answer.length()));
        ends.merge(start.replaceAll("[^ -~]", ""), 1, Integer::sum);
        check.accept(answer);
      }
    }
  }

  private void require(Reply reply, Set<String> expected, String what, byte[] body) {
    synchronized (ends) {
      ends.merge(reply.status(), 1, Integer::sum);
    }
    if (!expected.contains(reply.status())) {
      throw new AssertionError(
          what + " " + hex(body) + ": " + reply + " (expected: one of " + expected + ")");
    }
  }

  private static BareClient client(boolean admin, boolean stranger) {
    return clients.get((admin ? 2 : 0) + (stranger ? 1 : 0));
  }

  private static String hex(byte[] body) {
    return HexFormat.of().formatHex(body, 0, Math.min(body.length, 300));
  }

  private static void run(int count, Supplier<CompletableFuture<Void>> one) {
    for (int done = 0; done < count; done += AT_ONCE) {
      List<CompletableFuture<Void>> some = new ArrayList<>();
      for (int i = 0; i < Math.min(AT_ONCE, count - done); i++) {
        some.add(one.get());
      }
      some.forEach(CompletableFuture::join);
    }
  }

  private void seed(String what) {
    long seed = System.nanoTime();
    System.err.println("RequestMutationTest: " + what + ", seed " + seed);
    random.setSeed(seed);
  }

  private static ClassifyReply ask() {
    return GrpcClients.builder("gproto+http://127.0.0.1:" + running.server().port() + "/")
        .auth(AuthToken.ofOAuth2(infer.secret()))
        .build(InferenceServiceBlockingStub.class)
        .classify(Specimens.film());
  }
}
