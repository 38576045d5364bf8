package io.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.ClassifyBatchReply;
import io.sluice.proto.v1.ClassifyBatchRequest;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.ClassifyStreamReply;
import io.sluice.proto.v1.InferenceServiceGrpc;
import io.sluice.proto.v1.ReplyInfo;
import io.sluice.proto.v1.RowReply;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.server.engine.BatchingSettings;
import io.sluice.server.engine.EngineSettings;
import io.sluice.server.testing.FilledInfo;
import io.sluice.server.testing.RowStream;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many rows in one call, over real channels, against the same rows one by one. */
@Timeout(60)
class RowsTest {
  private static final double TOLERANCE = 1e-5;
  private static final int ROWS = 300;

  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);
  private static final int HANDLES_BEFORE = runtime.openHandles();

  private static RunningServer server;

  /** Computes each row by itself, always in the same way. */
  private static RunningServer exact;

  @BeforeAll
  static void start(@TempDir Path store, @TempDir Path other) {
    server = new RunningServer(store, backbone, ServerSettings.defaults(), runtime);
    BatchingSettings alone =
        new BatchingSettings(1024, 1, 1024, Duration.ZERO, Duration.ZERO, Duration.ofSeconds(10));
    exact =
        new RunningServer(
            other,
            backbone,
            ServerSettings.defaults()
                .withEngine(EngineSettings.defaults().withBatching(alone).withExpressBytes(0)),
            runtime);
    for (RunningServer each : List.of(server, exact)) {
      each.activate("first", bundles.bundle(1, 1));
      each.activate("second", bundles.bundle(2, 3, 4));
      each.activate(
          "topics",
          bundles.proven(
              bundles.builder().seed(3).kind(TaskKind.MULTI_LABEL, "a", "b", "c").adaptAt(2, 4)));
      each.activate(
          "boolq",
          bundles.proven(
              bundles
                  .builder()
                  .seed(4)
                  .kind(TaskKind.ANSWER_BOOLEAN, "no", "yes")
                  .textFields("question", "passage")
                  .adaptAt(2, 4)));
    }
  }

  @AfterAll
  static void close_afterEverything_leavesNoNativeHandle() {
    List.of(server, exact).parallelStream().forEach(RunningServer::close);
    assertThat(runtime.openHandles()).isEqualTo(HANDLES_BEFORE);
  }

  @Test
  void classifyBatch_goodAndBadRowsOfSeveralTasks_equalOneByOneToTheBit() {
    List<ClassifyRequest> rows = rows(51);
    List<RowReply> replies = batch(exact, rows).getRowsList();
    assertThat(replies).hasSize(ROWS);
    for (int i = 0; i < ROWS; i++) {
      assertThat(untimed(replies.get(i))).as("row %d", i).isEqualTo(alone(exact, rows.get(i)));
    }
  }

  @Test
  void classifyStream_goodAndBadRowsOfSeveralTasks_equalOneByOneToTheBitAndKeepTheirOrder() {
    List<ClassifyRequest> rows = rows(52);
    List<ClassifyStreamReply> replies = stream(exact, rows);
    assertThat(replies).extracting(ClassifyStreamReply::getId).isEqualTo(ids());
    for (int i = 0; i < ROWS; i++) {
      assertThat(untimed(replies.get(i).getRow()))
          .as("row %d", i)
          .isEqualTo(alone(exact, rows.get(i)));
    }
  }

  @Test
  void batchAndStream_batchedByTheEngine_equalOneByOne() {
    List<ClassifyRequest> rows = rows(53);
    List<RowReply> batched = batch(server, rows).getRowsList();
    List<ClassifyStreamReply> streamed = stream(server, rows);
    int shared = 0;
    for (int i = 0; i < ROWS; i++) {
      RowReply alone = alone(server, rows.get(i));
      requireClose(batched.get(i), alone);
      requireClose(streamed.get(i).getRow(), alone);
      requireFilled(batched.get(i));
      requireFilled(streamed.get(i).getRow());
      shared += batched.get(i).getReply().getInfo().getLayersShared();
    }
    // Texts repeat, and rows of one batch with one text share the way.
    assertThat(shared).isPositive();
  }

  @Test
  void classifyBatch_noneOrTooManyRows_isInvalid() {
    assertThatThrownBy(() -> batch(server, List.of()))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessage("INVALID_ARGUMENT: rows: 0 (expected: 1 to 1024 of them)");
    List<ClassifyRequest> many =
        Collections.nCopies(1025, ClassifyRequest.newBuilder().setTask("first").build());
    assertThatThrownBy(() -> batch(server, many))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessage("INVALID_ARGUMENT: rows: 1025 (expected: 1 to 1024 of them)");
  }

  @Test
  void classifyBatch_duringSwaps_seesOneSnapshot() {
    AdapterBundle even = bundles.bundle(101, 2);
    AdapterBundle odd = bundles.bundle(102, 2);
    server.activate("left", even);
    server.activate("right", even);
    CompletableFuture<Void> swapping =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 10; i++) {
                server.activate("left", i % 2 == 0 ? odd : even);
                server.activate("right", i % 2 == 0 ? odd : even);
              }
            });
    List<ClassifyRequest> rows =
        IntStream.range(0, 100)
            .mapToObj(i -> request(i % 2 == 0 ? "left" : "right", "the " + i + " film"))
            .toList();
    do {
      List<ReplyInfo> infos =
          batch(server, rows).getRowsList().stream().map(row -> row.getReply().getInfo()).toList();
      assertThat(infos)
          .extracting(ReplyInfo::getGeneration)
          .containsOnly(infos.get(0).getGeneration());
      for (int i = 0; i < infos.size(); i++) {
        assertThat(infos.get(i).getBundleDigest()).isEqualTo(infos.get(i % 2).getBundleDigest());
      }
    } while (!swapping.isDone());
    swapping.join();
  }

  /** What is read ahead is bounded, so rows wait where they come from: at the client. */
  @Test
  void classifyStream_slowReader_isReadSlowlyAndLosesNothing() {
    String[] names =
        IntStream.range(0, 64).mapToObj(i -> i + "-" + "x".repeat(200)).toArray(String[]::new);
    server.activate(
        "wordy",
        bundles.proven(
            bundles.builder().seed(5).kind(TaskKind.CLASSIFY, names).maxTokens(16).adaptAt(4, 4)));
    ClassifyRequest row = request("wordy", "good ".repeat(5_000));
    int rows = 600;
    RowStream stream = RowStream.open(server, false);
    int sent = 0;
    while (sent < rows && stream.awaitReady(Duration.ofMillis(700))) {
      stream.send(sent++, row);
    }
    assertThat(sent).as("rows taken while no reply was").isBetween(16, 450);
    assertThat(stream.replies()).isEmpty();

    // One more: the end of the stream is asked for like a reply.
    stream.read(rows + 1);
    while (sent < rows) {
      assertThat(stream.awaitReady(Duration.ofSeconds(20))).isTrue();
      stream.send(sent++, row);
    }
    stream.halfClose();

    assertThat(stream.end().getCode()).isEqualTo(Status.Code.OK);
    assertThat(stream.replies())
        .extracting(ClassifyStreamReply::getId)
        .isEqualTo(IntStream.range(0, rows).mapToObj(i -> (long) i).toList());
    assertThat(stream.replies()).allMatch(reply -> reply.getRow().hasReply());
  }

  @Test
  void classifyStream_manyRowsRefusedAtOnce_areAllAnsweredInOrder() {
    int many = 20_000;
    RowStream stream = RowStream.open(server, true);
    for (int id = 0; id < many; id++) {
      stream.send(id, request("nobody", "x"));
    }
    stream.halfClose();

    assertThat(stream.end().getCode()).isEqualTo(Status.Code.OK);
    assertThat(stream.replies()).hasSize(many);
    for (int id = 0; id < many; id++) {
      assertThat(stream.replies().get(id).getId()).isEqualTo(id);
    }
  }

  @Test
  void classifyStream_halfClosedAtOnce_isOk() {
    RowStream stream = RowStream.open(server, true);
    stream.halfClose();
    assertThat(stream.end().getCode()).isEqualTo(Status.Code.OK);
    assertThat(stream.replies()).isEmpty();
  }

  @Test
  void drain_batchesStreamsAndCancelledOnes_answersWhatItLetInAndEndsTheStreams(@TempDir Path store)
      throws Exception {
    try (RunningServer own =
        new RunningServer(store, backbone, ServerSettings.defaults(), runtime)) {
      own.activate("first", bundles.bundle(1, 1));
      RowStream idle = RowStream.open(own, true);
      idle.send(7, request("first", "good"));
      await().until(() -> idle.replies().size() == 1);
      RowStream left = RowStream.open(own, true);
      for (int i = 0; i < 500; i++) {
        left.send(i, request("first", TestingBackbone.text(new Random(i), 50)));
      }
      left.cancel();
      List<ClassifyRequest> rows = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        rows.add(request("first", TestingBackbone.text(new Random(i), 30)));
      }
      ListenableFuture<ClassifyBatchReply> batch =
          own.data(InferenceServiceGrpc.InferenceServiceFutureStub.class)
              .classifyBatch(ClassifyBatchRequest.newBuilder().addAllRows(rows).build());
      // Comes behind the batch on the same connection.
      own.inference().classify(request("first", "good"));

      assertThat(own.server().drain(Duration.ofSeconds(30))).isTrue();

      assertThat(batch.get().getRowsList()).hasSize(1000).allMatch(RowReply::hasReply);
      assertThat(idle.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(idle.end().getDescription()).contains("draining");
      assertThat(left.end().getCode()).isEqualTo(Status.Code.CANCELLED);
      assertThatThrownBy(() -> batch(own, rows))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageStartingWith("UNAVAILABLE");
      RowStream late = RowStream.open(own, true);
      assertThat(late.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }
  }

  /** Rows of two tasks and three kinds, texts that repeat, and some that are refused. */
  private static List<ClassifyRequest> rows(long seed) {
    Random random = new Random(seed);
    List<String> tasks = List.of("first", "second", "topics");
    List<ClassifyRequest> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      String text = TestingBackbone.text(random, 1 + random.nextInt(12));
      rows.add(request(tasks.get(random.nextInt(3)), text));
      if (random.nextInt(3) == 0 && i > 0) {
        rows.set(i, request(tasks.get(random.nextInt(3)), rows.get(i - 1).getText()));
      }
    }
    rows.set(3, request("nobody", "good"));
    rows.set(50, request("", "good"));
    rows.set(51, request("boolq", "good"));
    rows.set(52, request("first", " "));
    rows.set(53, request("second", "a".repeat(100_001)));
    rows.set(54, request("first", "good").toBuilder().setTextPair("bad").build());
    return rows;
  }

  private static ClassifyRequest request(String task, String text) {
    return ClassifyRequest.newBuilder().setTask(task).setText(text).build();
  }

  private static ClassifyBatchReply batch(RunningServer to, List<ClassifyRequest> rows) {
    return to.inference().classifyBatch(ClassifyBatchRequest.newBuilder().addAllRows(rows).build());
  }

  private static List<ClassifyStreamReply> stream(RunningServer to, List<ClassifyRequest> rows) {
    RowStream stream = RowStream.open(to, true);
    List<Long> ids = ids();
    for (int i = 0; i < ROWS; i++) {
      stream.send(ids.get(i), rows.get(i));
    }
    stream.halfClose();
    assertThat(stream.end().getCode()).isEqualTo(Status.Code.OK);
    assertThat(stream.replies()).hasSize(ROWS);
    return stream.replies();
  }

  /** In no order, some of them twice. */
  private static List<Long> ids() {
    return IntStream.range(0, ROWS).mapToObj(i -> (long) (i * 7919 % 250)).toList();
  }

  /** The row asked by itself. */
  private static RowReply alone(RunningServer to, ClassifyRequest row) {
    try {
      return untimed(RowReply.newBuilder().setReply(to.inference().classify(row)).build());
    } catch (StatusRuntimeException e) {
      return RowReply.newBuilder()
          .setError(
              com.google.rpc.Status.newBuilder()
                  .setCode(e.getStatus().getCode().value())
                  .setMessage(String.valueOf(e.getStatus().getDescription())))
          .build();
    }
  }

  private static RowReply untimed(RowReply row) {
    if (!row.hasReply()) {
      return row;
    }
    ClassifyReply.Builder reply = row.getReply().toBuilder();
    reply.getInfoBuilder().clearTimings();
    return RowReply.newBuilder().setReply(reply).build();
  }

  private static void requireClose(RowReply found, RowReply expected) {
    assertThat(found.getError()).isEqualTo(expected.getError());
    ClassifyReply one = found.getReply();
    ClassifyReply other = expected.getReply();
    assertThat(one.getLabel()).isEqualTo(other.getLabel());
    assertThat(one.getLabelsList()).isEqualTo(other.getLabelsList());
    assertThat(one.getScoresCount()).isEqualTo(other.getScoresCount());
    for (int i = 0; i < one.getScoresCount(); i++) {
      assertThat((double) one.getScores(i).getScore())
          .isCloseTo(other.getScores(i).getScore(), within(TOLERANCE));
    }
  }

  private static void requireFilled(RowReply row) {
    if (row.hasReply()) {
      FilledInfo.require(row.getReply().getInfo());
    }
  }
}
