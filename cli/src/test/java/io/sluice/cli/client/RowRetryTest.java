package io.sluice.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.examples.ExampleTasks;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.RowReply;
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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows on a stream to a real server that is full, or goes and comes back: each is answered once.
 */
@Timeout(90)
class RowRetryTest {
  private static final String TASK = "sentiment";
  private static final int ROWS = 60;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = SluiceMini.load();

  @TempDir private static Path directory;
  private static BundleStore store;

  private @Nullable SluiceServer server;
  private int port;

  @BeforeAll
  static void fill() {
    store =
        BundleStore.open(
            directory.resolve("store"), BundleLimits.defaults(), InstantSource.system());
    assertThat(ExampleTasks.addTo(store, backbone.digest())).contains(TASK);
  }

  @AfterAll
  static void empty() {
    store.close();
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void classifyAll_queueFull_sendsTheRowsAgainUntilAllAreAnswered() throws Exception {
    BatchingSettings two =
        new BatchingSettings(64, 1, 2, Duration.ZERO, Duration.ZERO, Duration.ofSeconds(1));
    start(ServerSettings.defaults().withEngine(EngineSettings.defaults().withBatching(two)));
    List<CompletableFuture<List<RowReply>>> clients =
        IntStream.range(0, 3)
            .mapToObj(client -> CompletableFuture.supplyAsync(() -> ask(rows().iterator())))
            .toList();
    for (CompletableFuture<List<RowReply>> client : clients) {
      requireAnswers(client.get());
    }

    assertThat(refusals()).as("rows that the server refused").isPositive();
  }

  @Test
  void classifyAll_serverRestarts_goesOnWithTheRowsThatHaveNoAnswer() {
    start(ServerSettings.defaults());
    List<CompletableFuture<?>> restarts = new ArrayList<>();
    Iterator<ClassifyRequest> rows = rows().iterator();
    Iterator<ClassifyRequest> restarting =
        new Iterator<>() {
          private int taken;

          @Override
          public boolean hasNext() {
            return rows.hasNext();
          }

          @Override
          public ClassifyRequest next() {
            if (++taken == ROWS / 2) {
              restarts.add(CompletableFuture.runAsync(RowRetryTest.this::restart));
            }
            return rows.next();
          }
        };
    List<RowReply> replies = ask(restarting);
    assertThat(restarts).hasSize(1);
    restarts.get(0).join();

    requireAnswers(replies);
  }

  @Test
  void classifyAll_rowThatCannotBeRead_answersThoseBeforeIt() {
    start(ServerSettings.defaults());
    SluiceException malformed = new SluiceException(ErrorCode.INVALID_ARGUMENT, "line 4: not JSON");
    Iterator<ClassifyRequest> good = rows().subList(0, 3).iterator();
    Iterator<ClassifyRequest> broken =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public ClassifyRequest next() {
            if (!good.hasNext()) {
              throw malformed;
            }
            return good.next();
          }
        };
    List<RowReply> replies = new ArrayList<>();

    assertThatThrownBy(() -> client().classifyAll(broken, replies::add)).isSameAs(malformed);
    assertThat(replies).hasSize(3).allMatch(RowReply::hasReply);
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
                        reply -> {
                          if (heard.incrementAndGet() > 2) {
                            throw closed;
                          }
                        }))
        .isSameAs(closed);
    assertThat(heard).hasValue(3);
    assertThat(asked).as("rows that were read in vain").hasValueLessThan(300);
  }

  @Test
  void classifyAll_noServer_failsAtOnce() throws IOException {
    try (ServerSocket nobody = new ServerSocket(0)) {
      port = nobody.getLocalPort();
    }

    assertThatThrownBy(() -> ask(rows().iterator()))
        .isInstanceOfSatisfying(
            SluiceException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessageContaining("no connection");
  }

  private void start(ServerSettings settings) {
    server =
        SluiceServer.start(
            backbone,
            store,
            settings.withEngine(settings.engine().withWarmUp(Duration.ZERO)).withPorts(port, 0),
            runtime);
    port = server.port();
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

  private List<RowReply> ask(Iterator<ClassifyRequest> rows) {
    List<RowReply> replies = new ArrayList<>();
    client().classifyAll(rows, replies::add);
    return replies;
  }

  private InferenceClient client() {
    return new InferenceClient(Endpoint.local(port), PATIENCE);
  }

  /** One for each row, in their order: those that the same texts have one by one. */
  private void requireAnswers(List<RowReply> replies) {
    List<ClassifyRequest> rows = rows();
    assertThat(replies).hasSameSizeAs(rows);
    for (int i = 0; i < rows.size(); i++) {
      assertThat(replies.get(i).hasReply()).as("row %d: %s", i, replies.get(i)).isTrue();
      ClassifyReply alone = client().classify(TASK, rows.get(i).getText(), null);
      assertThat(replies.get(i).getReply().getScores(0).getScore())
          .as("row %d", i)
          .isCloseTo(alone.getScores(0).getScore(), within(1e-5F));
    }
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
}
