package io.sluice.cli.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.rpc.Code;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.examples.ExampleTasks;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.AnswerRequest;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.store.BundleStore;
import io.sluice.server.ServerSettings;
import io.sluice.server.SluiceServer;
import io.sluice.server.engine.BatchingSettings;
import io.sluice.server.engine.EngineSettings;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows and questions to a real server that is full, or goes and comes back: each is answered once.
 */
@Timeout(90)
class RowRetryTest {
  private static final String TASK = "sentiment";
  private static final String QUESTIONS = "boolean-answer";
  private static final int ROWS = 60;
  private static final int ASKED = 24;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = SluiceMini.load();

  @TempDir private static Path directory;
  private static BundleStore store;

  /** Servers on their way down, which takes each two seconds that nobody has to wait for. */
  private static final List<CompletableFuture<Void>> closing = new ArrayList<>();

  /** Of each row and each question, asked one by one. */
  private static List<Float> labelsAlone = List.of();

  private static List<Float> answersAlone = List.of();

  private @Nullable SluiceServer server;
  private int port;

  @BeforeAll
  static void fill() {
    store =
        BundleStore.open(
            directory.resolve("store"), BundleLimits.defaults(), InstantSource.system());
    assertThat(ExampleTasks.addTo(store, backbone.digest())).contains(TASK, QUESTIONS);
    SluiceServer quiet = open(ServerSettings.defaults(), 0);
    InferenceClient client = new InferenceClient(Endpoint.local(quiet.port()), PATIENCE);
    labelsAlone =
        rows().stream()
            .map(row -> client.classify(TASK, row.getText(), null).getScores(0).getScore())
            .toList();
    answersAlone =
        questions().stream()
            .map(one -> client.answer(QUESTIONS, one.getQuestion(), one.getPassage()))
            .map(answer -> answer.getBoolean().getScore())
            .toList();
    closing.add(CompletableFuture.runAsync(quiet::close));
  }

  @AfterAll
  static void empty() {
    closing.forEach(CompletableFuture::join);
    store.close();
  }

  @AfterEach
  void stop() {
    if (server != null) {
      closing.add(CompletableFuture.runAsync(server::close));
    }
  }

  @Test
  void classifyAll_queueFull_sendsTheRowsAgainUntilAllAreAnswered() throws Exception {
    startWithShortQueue();
    threeAtOnce(() -> classify(rows().iterator())).forEach(RowRetryTest::requireLabels);

    assertThat(refusals()).as("rows that the server refused").isPositive();
  }

  @Test
  void answerAll_queueFull_asksAgainUntilAllAreAnswered() throws Exception {
    startWithShortQueue();
    threeAtOnce(() -> answer(questions().iterator())).forEach(RowRetryTest::requireAnswers);

    assertThat(refusals()).as("questions that the server refused").isPositive();
  }

  @Test
  void classifyAll_serverRestarts_goesOnWithTheRowsThatHaveNoAnswer() {
    start(ServerSettings.defaults());
    Restarting<ClassifyRequest> rows = new Restarting<>(rows());
    List<RowOutcome<ClassifyReply>> outcomes = classify(rows);
    rows.awaitRestart();

    requireLabels(outcomes);
  }

  @Test
  void answerAll_serverRestarts_goesOnWithTheQuestionsThatHaveNoAnswer() {
    start(ServerSettings.defaults());
    Restarting<AnswerRequest> questions = new Restarting<>(questions());
    List<RowOutcome<AnswerReply>> outcomes = answer(questions);
    questions.awaitRestart();

    requireAnswers(outcomes);
  }

  @Test
  void askAll_rowThatCannotBeRead_answersThoseBeforeIt() {
    start(ServerSettings.defaults());
    SluiceException malformed = new SluiceException(ErrorCode.INVALID_ARGUMENT, "line 4: not JSON");
    List<RowOutcome<?>> outcomes = new ArrayList<>();

    assertThatThrownBy(() -> client().classifyAll(broken(rows(), malformed), outcomes::add))
        .isSameAs(malformed);
    assertThatThrownBy(() -> client().answerAll(broken(questions(), malformed), outcomes::add))
        .isSameAs(malformed);
    assertThat(outcomes).hasSize(6).allMatch(outcome -> outcome.reply() != null);
  }

  @Test
  void classifyAll_replyNotWanted_endsAtOnceWithTheReason() {
    start(ServerSettings.defaults());
    AtomicInteger asked = new AtomicInteger();
    Iterator<ClassifyRequest> endless =
        Stream.generate(() -> rows().get(0)).peek(row -> asked.incrementAndGet()).iterator();
    AtomicInteger heard = new AtomicInteger();
    SluiceException closed = new SluiceException(ErrorCode.INTERNAL, "output: closed");

    assertThatThrownBy(
            () ->
                client()
                    .classifyAll(
                        endless,
                        outcome -> {
                          if (heard.incrementAndGet() > 2) {
                            throw closed;
                          }
                        }))
        .isSameAs(closed);
    assertThat(heard).hasValue(3);
    assertThat(asked).as("rows that were read in vain").hasValueLessThan(300);
  }

  @Test
  void askAll_noServer_failsAtOnce() throws IOException {
    try (ServerSocket nobody = new ServerSocket(0)) {
      port = nobody.getLocalPort();
    }

    requireNobody(() -> classify(rows().iterator()));
    requireNobody(() -> answer(questions().iterator()));
  }

  @Test
  void answerAll_badQuestions_areOutcomesToo() {
    start(ServerSettings.defaults());
    AnswerRequest good = questions().get(0);
    List<AnswerRequest> questions =
        List.of(
            good.toBuilder().setTask("nobody").build(),
            good,
            good.toBuilder().clearQuestion().build());

    assertThat(answer(questions.iterator()))
        .extracting(outcome -> Code.forNumber(outcome.error().getCode()))
        .containsExactly(Code.NOT_FOUND, Code.OK, Code.INVALID_ARGUMENT);
  }

  private void startWithShortQueue() {
    BatchingSettings two =
        new BatchingSettings(64, 1, 2, Duration.ZERO, Duration.ZERO, Duration.ofSeconds(1));
    start(ServerSettings.defaults().withEngine(EngineSettings.defaults().withBatching(two)));
  }

  private static <R> List<R> threeAtOnce(Supplier<R> client) {
    List<CompletableFuture<R>> clients =
        IntStream.range(0, 3).mapToObj(i -> CompletableFuture.supplyAsync(client)).toList();
    return clients.stream().map(CompletableFuture::join).toList();
  }

  /** Three of the rows, and a fourth that is none. */
  private static <T> Iterator<T> broken(List<T> rows, SluiceException malformed) {
    Iterator<T> good = rows.subList(0, 3).iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return true;
      }

      @Override
      public T next() {
        if (!good.hasNext()) {
          throw malformed;
        }
        return good.next();
      }
    };
  }

  private static void requireNobody(ThrowingCallable asking) {
    assertThatThrownBy(asking)
        .isInstanceOfSatisfying(
            SluiceException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessageContaining("no connection");
  }

  private void start(ServerSettings settings) {
    server = open(settings, port);
    port = server.port();
  }

  private static SluiceServer open(ServerSettings settings, int port) {
    EngineSettings cold = settings.engine().withWarmUp(Duration.ZERO);
    return SluiceServer.start(
        backbone, store, settings.withEngine(cold).withPorts(port, 0), runtime);
  }

  private void close() {
    if (server != null) {
      server.close();
      server = null;
    }
  }

  private void restart() {
    close();
    start(ServerSettings.defaults());
  }

  private List<RowOutcome<ClassifyReply>> classify(Iterator<ClassifyRequest> rows) {
    List<RowOutcome<ClassifyReply>> outcomes = new ArrayList<>();
    client().classifyAll(rows, outcomes::add);
    return outcomes;
  }

  private List<RowOutcome<AnswerReply>> answer(Iterator<AnswerRequest> questions) {
    List<RowOutcome<AnswerReply>> outcomes = new ArrayList<>();
    client().answerAll(questions, outcomes::add);
    return outcomes;
  }

  private InferenceClient client() {
    return new InferenceClient(Endpoint.local(port), PATIENCE);
  }

  /** One for each row, in their order: those that the same texts have one by one. */
  private static void requireLabels(List<RowOutcome<ClassifyReply>> outcomes) {
    assertThat(outcomes).hasSize(ROWS);
    for (int i = 0; i < ROWS; i++) {
      assertThat(reply(outcomes, i).getScores(0).getScore())
          .as("row %d", i)
          .isCloseTo(labelsAlone.get(i), within(1e-5F));
    }
  }

  /** The same of questions. */
  private static void requireAnswers(List<RowOutcome<AnswerReply>> outcomes) {
    assertThat(outcomes).hasSize(ASKED);
    for (int i = 0; i < ASKED; i++) {
      assertThat(reply(outcomes, i).getBoolean().getScore())
          .as("question %d", i)
          .isCloseTo(answersAlone.get(i), within(1e-5F));
    }
  }

  private static <R> R reply(List<RowOutcome<R>> outcomes, int row) {
    R reply = outcomes.get(row).reply();
    if (reply == null) {
      throw new AssertionError("row " + row + ": " + outcomes.get(row).error());
    }
    return reply;
  }

  private static List<ClassifyRequest> rows() {
    return IntStream.range(0, ROWS)
        .mapToObj(
            i ->
                ClassifyRequest.newBuilder()
                    .setTask(TASK)
                    .setText("the number " + i + " was " + (i % 3 == 0 ? "lovely" : "too late"))
                    .build())
        .toList();
  }

  private static List<AnswerRequest> questions() {
    return IntStream.range(0, ASKED)
        .mapToObj(
            i ->
                AnswerRequest.newBuilder()
                    .setTask(QUESTIONS)
                    .setQuestion("is the gate open at " + i)
                    .setPassage("The gate is " + (i % 3 == 0 ? "open all day." : "locked at ten."))
                    .build())
        .toList();
  }

  private double refusals() throws Exception {
    int admin = server == null ? 0 : server.adminPort();
    String page =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + "/metrics"))
                    .build(),
                BodyHandlers.ofString())
            .body();
    return page.lines()
        .filter(line -> line.startsWith("sluice_refusals_total{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  /** Rows half way through which the server begins to go and come back. */
  private final class Restarting<T> implements Iterator<T> {
    private final Iterator<T> rows;
    private @Nullable CompletableFuture<Void> restarted;
    private final int half;
    private int taken;

    Restarting(List<T> rows) {
      this.rows = rows.iterator();
      this.half = rows.size() / 2;
    }

    void awaitRestart() {
      requireNonNull(restarted, "restarted").join();
    }

    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public T next() {
      if (++taken == half) {
        restarted = CompletableFuture.runAsync(RowRetryTest.this::restart);
      }
      return rows.next();
    }
  }
}
