package io.sluice.server;

import static io.sluice.server.testing.Asked.requireStatus;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.grpc.Status;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.MultiClassifyReply;
import io.sluice.proto.v1.MultiClassifyRequest;
import io.sluice.proto.v1.TaskClassification;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.SharedServer;
import io.sluice.server.testing.TestingBackbone;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One text, many tasks, over a real channel. */
@Timeout(60)
class MultiClassifyTest {
  private static final double TOLERANCE = 1e-5;
  private static final int TASKS = 8;
  private static final int POINTS = 4;

  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);

  @RegisterExtension
  static final SharedServer shared = new SharedServer(backbone, ServerSettings.defaults(), runtime);

  private static RunningServer server;

  @BeforeAll
  static void activate() {
    server = shared.get();
    for (int task = 0; task < TASKS; task++) {
      server.activate(name(task), bundles.bundle(task + 1, firstPoint(task)));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void multiClassify_eightTasks_equalOneByOne(long seed) {
    String text = TestingBackbone.text(new Random(seed), 12);
    MultiClassifyReply together = ask(names(), text);
    assertThat(together.getResultsList())
        .extracting(TaskClassification::getTask)
        .containsExactlyElementsOf(names());
    for (TaskClassification result : together.getResultsList()) {
      ClassifyReply alone =
          server
              .inference()
              .classify(
                  ClassifyRequest.newBuilder().setTask(result.getTask()).setText(text).build());
      assertThat(result.getReply().getLabel()).isEqualTo(alone.getLabel());
      for (int label = 0; label < alone.getScoresCount(); label++) {
        assertThat((double) result.getReply().getScores(label).getScore())
            .as("seed %d, %s", seed, result.getTask())
            .isCloseTo(alone.getScores(label).getScore(), within(TOLERANCE));
      }
    }
  }

  @Test
  void multiClassify_oneText_sharesTheTrunkUpToTheFirstAdapter() {
    List<String> tasks = List.of(name(2), name(3));
    assertThat(List.of(firstPoint(2), firstPoint(3))).containsExactly(3, 4);
    for (TaskClassification result : ask(tasks, "one and the same text").getResultsList()) {
      assertThat(result.getReply().getInfo().getLayersRun()).isEqualTo(POINTS);
      // Together to the first adapter, or to the block below it if they part for two threads.
      assertThat(result.getReply().getInfo().getLayersShared()).isBetween(2, 3);
    }
  }

  @Test
  void multiClassify_marginalTimes_lieWithinTheBatchAndLeaveRoomForTheTrunk() {
    MultiClassifyReply reply =
        ask(List.of(name(2), name(3)), TestingBackbone.text(new Random(1), 40));
    for (TaskClassification result : reply.getResultsList()) {
      assertThat(nanos(result.getReply().getInfo().getTimings().getMarginal()))
          .isPositive()
          .isLessThan(nanos(result.getReply().getInfo().getTimings().getCompute()));
    }
  }

  @Test
  void multiClassify_duringSwaps_seesOneSnapshot() throws Exception {
    List<AdapterBundle> versions = List.of(bundles.bundle(101, 2), bundles.bundle(102, 2));
    server.activate("left", versions.get(0));
    server.activate("right", versions.get(0));
    CompletableFuture<Void> swapping =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 1; i <= 30; i++) {
                server.activate("left", versions.get(i % 2));
                server.activate("right", versions.get(i % 2));
              }
            });
    Random random = new Random(9);
    Set<Long> seen = new HashSet<>();
    do {
      List<Long> generations = new ArrayList<>();
      for (TaskClassification result :
          ask(List.of("left", "right"), TestingBackbone.text(random, 3)).getResultsList()) {
        generations.add(result.getReply().getInfo().getGeneration());
      }
      assertThat(new HashSet<>(generations)).hasSize(1);
      seen.addAll(generations);
    } while (!swapping.isDone());
    swapping.join();
    assertThat(seen).hasSizeGreaterThan(1);
  }

  @Test
  void multiClassify_wrongRequests_areRefusedWithTheReason() {
    requireStatus(
        () -> ask(List.of(), "text"), Status.Code.INVALID_ARGUMENT, "tasks: 0 (expected: 1 to 64");
    requireStatus(
        () -> ask(IntStream.range(0, 65).mapToObj(i -> "t" + i).toList(), "text"),
        Status.Code.INVALID_ARGUMENT,
        "tasks: 65 (expected: 1 to 64");
    requireStatus(
        () -> ask(List.of(name(0), name(0)), "text"),
        Status.Code.INVALID_ARGUMENT,
        "tasks: \"" + name(0) + "\" twice");
    requireStatus(
        () -> ask(List.of(name(0), ""), "text"), Status.Code.INVALID_ARGUMENT, "task: \"\"");
    requireStatus(() -> ask(List.of(name(0)), " "), Status.Code.INVALID_ARGUMENT, "text: empty");
    requireStatus(
        () -> ask(List.of(name(0), "absent"), "text"), Status.Code.NOT_FOUND, "task: \"absent\"");
    server.activate(
        "question",
        bundles.proven(
            bundles
                .builder()
                .kind(TaskKind.ANSWER_BOOLEAN, "false", "true")
                .textFields("question", "passage")
                .adaptAt(2, 4)));
    requireStatus(
        () -> ask(List.of(name(0), "question"), "text"),
        Status.Code.FAILED_PRECONDITION,
        "task \"question\": kind");
    assertThat(ask(names(), "still here").getResultsCount()).isEqualTo(TASKS);
  }

  @Test
  void multiClassify_cancelledByTheClient_freesItsPlaces(@TempDir Path store) {
    try (RunningServer own =
        new RunningServer(store, backbone, ServerSettings.defaults(), runtime)) {
      own.activate("a", bundles.bundle(1, 1));
      own.activate("b", bundles.bundle(2, 2));
      for (int i = 0; i < 50; i++) {
        own.data(io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceFutureStub.class)
            .multiClassify(request(List.of("a", "b"), TestingBackbone.text(new Random(i), 50)))
            .cancel(true);
      }
      assertThat(own.server().drain(Duration.ofSeconds(20))).isTrue();
    }
  }

  private static MultiClassifyReply ask(List<String> tasks, String text) {
    return server.inference().multiClassify(request(tasks, text));
  }

  private static MultiClassifyRequest request(List<String> tasks, String text) {
    return MultiClassifyRequest.newBuilder().addAllTasks(tasks).setText(text).build();
  }

  private static List<String> names() {
    return IntStream.range(0, TASKS).mapToObj(MultiClassifyTest::name).toList();
  }

  private static String name(int task) {
    return "task-" + task;
  }

  /** Each point is the first of two of the tasks. */
  private static int firstPoint(int task) {
    return task % POINTS + 1;
  }

  private static long nanos(com.google.protobuf.Duration duration) {
    return duration.getSeconds() * 1_000_000_000 + duration.getNanos();
  }
}
