package io.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.grpc.GrpcClients;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceStub;
import io.sluice.proto.v1.ListRequest;
import io.sluice.server.access.AccessSettings;
import io.sluice.server.access.ClientLimits;
import io.sluice.server.testing.IdleClients;
import io.sluice.server.testing.RawConnection;
import io.sluice.server.testing.RowStream;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that are slow, silent, greedy or gone, each from an address of its own: what they hold is
 * bounded and given back, and others are answered meanwhile.
 */
@Timeout(60)
class ConnectionsTest {
  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final int PER_ADDRESS = 64;
  private static final int AT_A_TIME = 160;

  /** Fewer than a connection may send ahead. */
  private static final int AHEAD = 50;

  /** Connections that say nothing; {@code -Dsluice.test.idle=10000} for the long run. */
  private static final int IDLE = Integer.getInteger("sluice.test.idle", 1500);

  /** So long that all of them are open at once. */
  private static final Duration TO_ASK = Duration.ofSeconds(Math.max(1, IDLE / 1000));

  private static RunningServer running;
  private static int port;
  private static ClassifyReply before;

  @BeforeAll
  static void start(@TempDir Path store) {
    Backbone backbone = TestingBackbone.create();
    ClientLimits limits =
        ClientLimits.defaults()
            .withConnections(PER_ADDRESS, 16_384)
            .withConcurrentRequests(AT_A_TIME)
            .withTimes(TO_ASK, Duration.ofSeconds(30));
    running =
        new RunningServer(
            store,
            backbone,
            ServerSettings.defaults()
                .withRequestTimeout(Duration.ofSeconds(3))
                .withAccess(new AccessSettings(null, null, null, limits)),
            runtime);
    port = running.server().port();
    running.activate("film", new ServedBundles(backbone, runtime).bundle(1, 2));
    before = ask();
  }

  @AfterAll
  static void drain_afterEverything_findsNothingLeftBehind() {
    assertThat(running.adapters().list(ListRequest.getDefaultInstance()).getTasksList())
        .singleElement()
        .satisfies(task -> assertThat(task.getRevisionsCount()).isEqualTo(1));
    requireAnswering();
    assertThat(running.server().drain(Duration.ofSeconds(10))).isTrue();
    running.close();
  }

  /** A connection that never says a word, half of a head, and half of the head after an answer. */
  @Test
  void connection_withoutAWholeRequest_isClosedInItsTime() throws IOException {
    try (RawConnection silent = RawConnection.from(3, port);
        RawConnection half = RawConnection.from(3, port);
        RawConnection later = RawConnection.from(3, port)) {
      half.send("POST /v1/tasks/film:classify HTTP/1.1\r\nhost: x\r\n");
      later.send(RawConnection.get("/nothing"));
      assertThat(later.status()).isEqualTo(404);
      later.send("GET /no");
      assertThat(silent.rest()).isEmpty();
      assertThat(half.rest()).isEmpty();
      assertThat(later.rest()).doesNotContain("HTTP/1.1");
    }
  }

  @Test
  void connections_moreThanAnAddressMayHave_areToldToGo() throws IOException {
    List<RawConnection> open = new ArrayList<>();
    try {
      for (int i = 0; i < PER_ADDRESS; i++) {
        RawConnection one = RawConnection.from(2, port);
        open.add(one);
        one.send(RawConnection.get("/nothing"));
        assertThat(one.status()).isEqualTo(404);
      }
      try (RawConnection surplus = RawConnection.from(2, port)) {
        surplus.send(RawConnection.get("/nothing"));
        assertThat(surplus.status()).isEqualTo(429);
        assertThat(surplus.rest()).contains("127.0.0.2: more than " + PER_ADDRESS + " connections");
      }
      requireAnswering();
    } finally {
      for (RawConnection one : open) {
        one.close();
      }
    }
  }

  /** Answers that nobody reads must not gather in the server: it hangs up after so many. */
  @Test
  void connection_sendsAheadAndNeverReads_isClosed() throws IOException {
    String ahead = RawConnection.get("/docs/specification.json").repeat(100);
    try (RawConnection deaf = RawConnection.deaf(4, port)) {
      CompletableFuture<Boolean> hungUp =
          CompletableFuture.supplyAsync(() -> deaf.isClosedWhileSending(ahead, 1000));
      assertThat(hungUp.orTimeout(30, TimeUnit.SECONDS).join()).isTrue();
    }
    requireAnswering();
  }

  /** Some requests ahead are nothing to hang up for: all are answered, in their order. */
  @Test
  void connection_sendsAheadAndReads_isAnswered() throws IOException {
    try (RawConnection ahead = RawConnection.from(5, port)) {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < AHEAD; i++) {
        all.append(RawConnection.get("/nothing/" + i));
      }
      ahead.send(all.append(RawConnection.get("/nothing/last")).toString());
      String answers = ahead.until("path: /nothing/last");
      int at = 0;
      for (int i = 0; i < AHEAD; i++) {
        at = answers.indexOf("path: /nothing/" + i, at + 1);
        assertThat(at).as("answer %d of %s", i, answers).isPositive();
      }
      assertThat(answers.indexOf("path: /nothing/last")).isGreaterThan(at);
    }
  }

  /** Streams of HTTP/2 are answered side by side: many at once are no fault of their connection. */
  @Test
  void connection_manyStreamsAtOnceOverHttp2_areAllAnswered() {
    ClientFactory factory = ClientFactory.builder().workerGroup(1).build();
    try {
      InferenceServiceStub client =
          GrpcClients.builder("gproto+http://127.0.0.1:" + port + "/")
              .factory(factory)
              .responseTimeoutMillis(0)
              .build(InferenceServiceStub.class);
      List<RowStream> streams =
          Stream.generate(() -> RowStream.open(client, true)).limit(3 * AHEAD).toList();
      streams.forEach(stream -> stream.send(1, request()));
      await().until(() -> streams.stream().allMatch(stream -> stream.replies().size() == 1));
      assertThat(factory.numConnections()).isEqualTo(1);
      streams.forEach(RowStream::halfClose);
      assertThat(streams).allMatch(stream -> stream.end().isOk());
    } finally {
      var unused = factory.closeAsync();
    }
  }

  @Test
  void connections_thousandsThatSayNothing_areClosedAndHoldNobodyUp() throws IOException {
    try (IdleClients idle = IdleClients.start(port, IDLE, PER_ADDRESS)) {
      long openMillis = idle.awaitOpen();
      long startNanos = System.nanoTime();
      requireAnswering();
      long nanos = System.nanoTime() - startNanos;
      System.err.printf(
          "ConnectionsTest: %d idle, opened in %d ms, each closed after %d s; a request took %d ms%n",
          IDLE, openMillis, TO_ASK.toSeconds(), nanos / 1_000_000);
      assertThat(idle.awaitClosed()).isEqualTo(IDLE);
    }
  }

  /** A byte now and then is not a request: it ends with its time. */
  @Test
  void body_thatTrickles_isEndedInItsTime() throws IOException {
    try (RawConnection slow = RawConnection.from(6, port)) {
      slow.send(post(1000));
      CompletableFuture<Integer> bytes =
          CompletableFuture.supplyAsync(() -> slow.trickle("{\"text\": \"", Duration.ofMillis(50)));
      requireAnswering();
      assertThat(bytes.orTimeout(20, TimeUnit.SECONDS).join()).as("bytes taken").isLessThan(200);
    }
  }

  /** More of them than may ask at a time: each gives its place back. */
  @Test
  void clients_thatVanish_leaveNothingBehind() throws IOException {
    String body = "{\"text\": \"a good film\"}";
    for (int i = 0; i < 3 * AT_A_TIME; i++) {
      try (RawConnection gone = RawConnection.from(7, port)) {
        gone.send(i % 2 == 0 ? post(1000) + "{\"text\"" : post(body.length()) + body);
        gone.vanish();
      }
      try (RawConnection gone = RawConnection.from(7, running.server().adminPort())) {
        gone.send(
            "POST /v1/tasks/film:register?activate=true HTTP/1.1\r\nhost: x\r\n"
                + "content-type: application/octet-stream\r\ncontent-length: 100000\r\n\r\nPK\3\4");
        gone.vanish();
      }
    }
    await()
        .untilAsserted(
            () -> {
              try (RawConnection back = RawConnection.from(7, port)) {
                back.send(post(body.length()) + body);
                assertThat(back.status()).isEqualTo(200);
              }
            });
  }

  private static String post(int bodyBytes) {
    return "POST /v1/tasks/film:classify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json"
        + "\r\ncontent-length: "
        + bodyBytes
        + "\r\n\r\n";
  }

  /** Whatever others do, the answer is there in time, and the same. */
  private static void requireAnswering() {
    ClassifyReply now = ask();
    assertThat(now.getLabel()).isEqualTo(before.getLabel());
    assertThat(now.getScores(0).getScore())
        .isCloseTo(before.getScores(0).getScore(), within(1e-5F));
    assertThat(now.getInfo().getBundleDigest()).isEqualTo(before.getInfo().getBundleDigest());
  }

  private static ClassifyReply ask() {
    return running.inference().classify(request());
  }

  private static ClassifyRequest request() {
    return ClassifyRequest.newBuilder().setTask("film").setText("a good film").build();
  }
}
