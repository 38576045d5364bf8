package io.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.StatusProto;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.ActivateRequest;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.AnswerRequest;
import io.sluice.proto.v1.BundleHeader;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc;
import io.sluice.proto.v1.ListReply;
import io.sluice.proto.v1.ListRequest;
import io.sluice.proto.v1.RegisterBundleReply;
import io.sluice.proto.v1.RegisterBundleRequest;
import io.sluice.proto.v1.RollbackRequest;
import io.sluice.proto.v1.Task;
import io.sluice.proto.v1.TaskKind;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.Probe;
import io.sluice.registry.store.BundleStore;
import io.sluice.registry.testing.TestingAdapters;
import io.sluice.registry.testing.TestingBundles;
import io.sluice.server.engine.BatchingSettings;
import io.sluice.server.engine.EngineSettings;
import io.sluice.server.testing.MergedModel;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Everything over real channels. */
@Timeout(60)
class SluiceServerTest {
  private static final double TOLERANCE = 1e-5;

  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);
  private static final int HANDLES_BEFORE = runtime.openHandles();

  /** For tests that only add tasks of their own; stopping a server takes two seconds. */
  private static RunningServer shared;

  private final List<RunningServer> running = new ArrayList<>();

  @TempDir Path directory;

  @BeforeAll
  static void startShared(@TempDir Path store) {
    shared = new RunningServer(store, backbone, ServerSettings.defaults(), runtime);
  }

  @AfterAll
  static void close_afterEverything_leavesNoNativeHandle() {
    shared.close();
    assertThat(runtime.openHandles()).isEqualTo(HANDLES_BEFORE);
  }

  @AfterEach
  void closeOwn() {
    running.forEach(RunningServer::close);
  }

  @Test
  void classify_twoTasks_answerAsTheirMergedModels() {
    RunningServer server = shared;
    AdapterBundle first = bundles.bundle(1, 1, 3);
    AdapterBundle second = bundles.bundle(2, 2);
    server.activate("one", first);
    server.activate("two", second);
    Random random = new Random(5);
    for (int i = 0; i < 10; i++) {
      String text = TestingBackbone.text(random, 1 + random.nextInt(20));
      requireOracle(first, text, classify(server, "one", text));
      requireOracle(second, text, classify(server, "two", text));
    }
  }

  @Test
  void classify_manyAtOnce_equalOneByOne() {
    RunningServer server = shared;
    server.activate("first", bundles.bundle(1, 1));
    server.activate("second", bundles.bundle(2, 4));
    InferenceServiceGrpc.InferenceServiceStub client =
        server.data(InferenceServiceGrpc.InferenceServiceStub.class);
    Random random = new Random(6);
    List<ClassifyRequest> requests = new ArrayList<>();
    List<CompletableFuture<ClassifyReply>> replies = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String text = TestingBackbone.text(random, 1 + random.nextInt(8));
      ClassifyRequest request = request(random.nextBoolean() ? "first" : "second", text);
      requests.add(request);
      Collected<ClassifyReply> collected = new Collected<>();
      client.classify(request, collected);
      replies.add(collected.reply);
    }
    for (int i = 0; i < requests.size(); i++) {
      ClassifyReply together = replies.get(i).join();
      ClassifyReply alone = server.inference().classify(requests.get(i));
      assertThat(together.getLabel()).isEqualTo(alone.getLabel());
      for (int label = 0; label < alone.getScoresCount(); label++) {
        assertThat((double) together.getScores(label).getScore())
            .isCloseTo(alone.getScores(label).getScore(), within(TOLERANCE));
      }
    }
  }

  @Test
  void classify_reply_tellsWhoAnsweredAndHow() {
    RunningServer server = shared;
    AdapterBundle bundle = bundles.bundle(1, 2);
    long generation = server.activate("told", bundle).getActivation().getGeneration();
    ClassifyReply reply = classify(server, "told", "the film was not very good");
    assertThat(reply.getInfo().getBundleDigest()).isEqualTo(bundle.digest().toString());
    assertThat(reply.getInfo().getGeneration()).isEqualTo(generation);
    assertThat(reply.getInfo().getTokens()).isEqualTo(8);
    assertThat(reply.getInfo().getTruncated()).isFalse();
    assertThat(reply.getInfo().getLayersRun()).isEqualTo(4);
    assertThat(reply.getInfo().getTimings().hasCompute()).isTrue();
    assertThat(reply.getScoresList()).extracting("label").containsExactly("no", "yes");
  }

  @Test
  void classify_textTooLongForTheTask_isTruncatedAndSaysSo() {
    RunningServer server = shared;
    server.activate("short", bundles.proven(bundles.builder().maxTokens(16).adaptAt(1, 4)));
    ClassifyReply reply = classify(server, "short", TestingBackbone.text(new Random(1), 50));
    assertThat(reply.getInfo().getTruncated()).isTrue();
    assertThat(reply.getInfo().getTokens()).isEqualTo(16);
  }

  @Test
  void answer_booleanTask_givesYesOrNo() {
    RunningServer server = shared;
    AdapterBundle bundle = questions();
    server.activate("boolq", bundle);
    AnswerRequest request =
        AnswerRequest.newBuilder()
            .setTask("boolq")
            .setQuestion("was the film good")
            .setPassage("the film was very slow")
            .build();
    AnswerReply reply = server.inference().answer(request);
    double yes;
    try (MergedModel oracle = bundles.oracle(bundle);
        BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      Encoding encoding = tokenizer.encode("was the film good", "the film was very slow", 64);
      float[] logits = oracle.logits(encoding.ids(), encoding.typeIds());
      yes = 1 / (1 + Math.exp((double) logits[0] - logits[1]));
    }
    assertThat(reply.getBoolean().getValue()).isEqualTo(yes > 0.5);
    assertThat((double) reply.getBoolean().getScore())
        .isCloseTo(Math.max(yes, 1 - yes), within(TOLERANCE));
  }

  @Test
  void classify_wrongRequests_haveTheirOwnStatus() {
    RunningServer server = shared;
    server.activate("task", bundles.bundle(1, 1));
    server.activate("boolq", questions());
    requireStatus(() -> classify(server, "nobody", "good"), Status.Code.NOT_FOUND, "\"nobody\"");
    requireStatus(() -> classify(server, "", "good"), Status.Code.INVALID_ARGUMENT, "task: \"\"");
    requireStatus(
        () -> classify(server, "task", "  "), Status.Code.INVALID_ARGUMENT, "text: empty");
    requireStatus(
        () -> classify(server, "task", "a".repeat(100_001)),
        Status.Code.INVALID_ARGUMENT,
        "text: 100001 characters (expected: at most 100000)");
    requireStatus(
        () -> classify(server, "boolq", "good"),
        Status.Code.FAILED_PRECONDITION,
        "kind ANSWER_BOOLEAN (expected: one of CLASSIFY, MULTI_LABEL, REGRESS; ask this one with"
            + " Answer)");
    ClassifyRequest pair = request("task", "good").toBuilder().setTextPair("bad").build();
    requireStatus(
        () -> server.inference().classify(pair),
        Status.Code.INVALID_ARGUMENT,
        "2 text(s) (expected: 1: text)");
    requireStatus(
        () -> classify(server, "task", "a".repeat(5 << 20)), Status.Code.RESOURCE_EXHAUSTED, "");
    AnswerRequest question =
        AnswerRequest.newBuilder().setTask("boolq").setQuestion("was it good").build();
    requireStatus(
        () -> server.inference().answer(question), Status.Code.INVALID_ARGUMENT, "passage: empty");
    requireStatus(
        () ->
            server.inference().answer(question.toBuilder().setTask("task").setPassage("x").build()),
        Status.Code.FAILED_PRECONDITION,
        "kind CLASSIFY (expected: one of ANSWER_BOOLEAN, ANSWER_SPAN; ask this one with Classify)");
    assertThat(classify(server, "task", "good").getScoresCount()).isEqualTo(2);
  }

  @Test
  void classify_moreThanTheQueueHolds_isRefusedWithRetryInfo() {
    BatchingSettings tight =
        new BatchingSettings(64, 1, 2, Duration.ZERO, Duration.ZERO, Duration.ofSeconds(1));
    RunningServer server =
        start(ServerSettings.defaults().withEngine(EngineSettings.defaults().withBatching(tight)));
    server.activate("task", bundles.bundle(1, 1));
    InferenceServiceGrpc.InferenceServiceStub client =
        server.data(InferenceServiceGrpc.InferenceServiceStub.class);
    List<CompletableFuture<ClassifyReply>> replies = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      Collected<ClassifyReply> collected = new Collected<>();
      client.classify(request("task", TestingBackbone.text(new Random(i), 50)), collected);
      replies.add(collected.reply);
    }
    int answered = 0;
    int refused = 0;
    for (CompletableFuture<ClassifyReply> reply : replies) {
      Throwable failure = reply.handle((value, thrown) -> thrown).join();
      if (failure == null) {
        answered++;
        continue;
      }
      refused++;
      com.google.rpc.Status status = Objects.requireNonNull(StatusProto.fromThrowable(failure));
      assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED.value());
      assertThat(status.getDetailsList()).hasSize(1);
      assertThat(status.getDetails(0).is(RetryInfo.class)).isTrue();
    }
    assertThat(answered).isPositive();
    assertThat(refused).isPositive();
  }

  @Test
  void classify_deadlineTooShort_isDeadlineExceeded() {
    RunningServer server = shared;
    server.activate("task", bundles.bundle(1, 1));
    requireStatus(
        () ->
            server
                .inference()
                .withDeadlineAfter(1, TimeUnit.MICROSECONDS)
                .classify(request("task", TestingBackbone.text(new Random(1), 50))),
        Status.Code.DEADLINE_EXCEEDED,
        "");
    assertThat(classify(server, "task", "good").getScoresCount()).isEqualTo(2);
  }

  @Test
  void classify_longerThanTheServerAllows_isDeadlineExceeded() {
    RunningServer server =
        start(ServerSettings.defaults().withRequestTimeout(Duration.ofMillis(1)));
    server.activate("task", bundles.bundle(1, 1));
    InferenceServiceGrpc.InferenceServiceStub client =
        server.patient(InferenceServiceGrpc.InferenceServiceStub.class);
    List<CompletableFuture<ClassifyReply>> replies = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      Collected<ClassifyReply> collected = new Collected<>();
      client.classify(request("task", TestingBackbone.text(new Random(i), 50)), collected);
      replies.add(collected.reply);
    }
    List<Status.Code> failures = new ArrayList<>();
    for (CompletableFuture<ClassifyReply> reply : replies) {
      Throwable failure = reply.handle((value, thrown) -> thrown).join();
      if (failure != null) {
        failures.add(Status.fromThrowable(failure).getCode());
      }
    }
    assertThat(failures).isNotEmpty().containsOnly(Status.Code.DEADLINE_EXCEEDED);
  }

  @Test
  void registerBundle_badBundle_leavesTheOldOneServing() {
    RunningServer server = shared;
    AdapterBundle good = bundles.bundle(1, 1);
    server.activate("guarded", good);

    AdapterBundle drifting = bundles.builder().seed(2).adaptAt(1, 4).probe(good.probe()).build();
    requireStatus(
        () -> server.activate("guarded", drifting),
        Status.Code.FAILED_PRECONDITION,
        "probe: logits differ from the probe vectors by");
    requireStatus(
        () -> server.activate("guarded", bundles.builder().seed(5).adaptAt(1, 4).build()),
        Status.Code.FAILED_PRECONDITION,
        "probe: cannot be computed");
    AdapterBundle idle =
        bundles.proven(
            bundles
                .builder()
                .seed(3)
                .adaptAt(
                    2,
                    "bottleneck_sequential",
                    4,
                    TestingAdapters.zeroEffect(TestingBackbone.HIDDEN, 4)));
    requireStatus(
        () -> server.activate("guarded", idle),
        Status.Code.FAILED_PRECONDITION,
        "adapters at points [2] change the logits by");
    TestingBundles mixing =
        bundles
            .builder()
            .seed(3)
            .adaptAt(2, "mixing", 0, TestingAdapters.mixing(TestingBackbone.HIDDEN));
    Probe alone = bundles.proven(mixing).probe();
    requireStatus(
        () -> server.activate("guarded", mixing.probe(firstRow(alone)).build()),
        Status.Code.FAILED_PRECONDITION,
        "with the rows beside it");
    byte[] cut = Arrays.copyOf(good.bytes(), good.sizeBytes() / 2);
    requireStatus(
        () -> server.upload(header("guarded"), cut), Status.Code.INVALID_ARGUMENT, "cut short");
    byte[] flipped = good.bytes();
    flipped[flipped.length / 2] ^= 1;
    requireStatus(
        () -> server.upload(header("guarded"), flipped), Status.Code.INVALID_ARGUMENT, "");
    requireStatus(
        () -> server.activate("guarded", TestingBundles.small().build()),
        Status.Code.FAILED_PRECONDITION,
        "backbone");
    requireStatus(
        () -> server.upload(header("Bad Name"), good.bytes()),
        Status.Code.INVALID_ARGUMENT,
        "task: \"Bad Name\"");
    requireStatus(
        () ->
            server.upload(
                header("guarded").toBuilder()
                    .setExpectedDigest(drifting.digest().toString())
                    .build(),
                good.bytes()),
        Status.Code.DATA_LOSS,
        "(expected: " + drifting.digest());
    requireStatus(
        () ->
            server.send(
                List.of(
                    RegisterBundleRequest.newBuilder()
                        .setChunk(ByteString.copyFromUtf8("x"))
                        .build())),
        Status.Code.INVALID_ARGUMENT,
        "first message: no header");
    requireStatus(() -> server.send(List.of()), Status.Code.INVALID_ARGUMENT, "messages: none");

    assertThat(classify(server, "guarded", "good").getInfo().getBundleDigest())
        .isEqualTo(good.digest().toString());
    assertThat(server.adapters().list(ListRequest.getDefaultInstance()).getTasksList())
        .filteredOn(task -> task.getName().equals("guarded"))
        .extracting(Task::getActiveDigest)
        .containsExactly(good.digest().toString());
  }

  @Test
  void activateAndRollback_moveTheTaskAndTellWhatTheyDid() {
    RunningServer server = start(ServerSettings.defaults());
    AdapterBundle first = bundles.bundle(1, 1);
    AdapterBundle second = bundles.bundle(2, 1);
    RegisterBundleReply one = server.activate("task", first);
    assertThat(one.getAlreadyRegistered()).isFalse();
    assertThat(one.getActivation().getPreviousDigest()).isEmpty();
    assertThat(one.getActivation().getCompiledStructures()).isEqualTo(2);
    assertThat(one.getActivation().getResidentBytes()).isPositive();
    RegisterBundleReply two =
        server.upload(BundleHeader.newBuilder().setTask("task").build(), second.bytes());
    assertThat(two.hasActivation()).isFalse();
    assertThat(two.getTask().getActiveDigest()).isEqualTo(first.digest().toString());
    assertThat(
            server
                .upload(BundleHeader.newBuilder().setTask("task").build(), second.bytes())
                .getAlreadyRegistered())
        .isTrue();

    ActivateRequest lost =
        ActivateRequest.newBuilder()
            .setTask("task")
            .setRevision(2)
            .setExpectedActiveDigest(second.digest().toString())
            .build();
    requireStatus(
        () -> server.adapters().activate(lost), Status.Code.ABORTED, "active bundle sha256:");
    requireStatus(
        () -> server.adapters().activate(lost.toBuilder().setExpectedActiveDigest("").build()),
        Status.Code.ABORTED,
        "(expected: none)");
    ActivateRequest right =
        lost.toBuilder().setExpectedActiveDigest(first.digest().toString()).build();
    var activated = server.adapters().activate(right);
    assertThat(activated.getActivation().getPreviousDigest()).isEqualTo(first.digest().toString());
    assertThat(activated.getActivation().getCompiledStructures()).isZero();
    assertThat(activated.getActivation().getGeneration()).isEqualTo(2);
    requireOracle(second, "good", classify(server, "task", "good"));

    var back = server.adapters().rollback(RollbackRequest.newBuilder().setTask("task").build());
    assertThat(back.getTask().getActiveDigest()).isEqualTo(first.digest().toString());
    requireOracle(first, "good", classify(server, "task", "good"));
    requireStatus(
        () -> server.adapters().rollback(RollbackRequest.newBuilder().setTask("task").build()),
        Status.Code.FAILED_PRECONDITION,
        "nothing was active before");
    requireStatus(
        () ->
            server
                .adapters()
                .activate(ActivateRequest.newBuilder().setTask("task").setRevision(9).build()),
        Status.Code.NOT_FOUND,
        "revision 9");
    requireStatus(
        () -> server.adapters().activate(ActivateRequest.newBuilder().setTask("task").build()),
        Status.Code.INVALID_ARGUMENT,
        "target: none");
  }

  @Test
  void list_afterActivation_describesTasksAndBackbone() {
    RunningServer server = start(ServerSettings.defaults());
    server.activate("b", bundles.bundle(1, 2, 4));
    server.upload(BundleHeader.newBuilder().setTask("a").build(), bundles.bundle(2, 1).bytes());
    ListReply list = server.adapters().list(ListRequest.getDefaultInstance());
    assertThat(list.getTasksList()).extracting("name").containsExactly("a", "b");
    assertThat(list.getTasks(0).hasActive()).isFalse();
    assertThat(list.getTasks(1).getActive().getKind()).isEqualTo(TaskKind.TASK_KIND_CLASSIFY);
    assertThat(list.getTasks(1).getActive().getPointsList()).containsExactly(2, 4);
    assertThat(list.getTasks(1).getActive().getTrunkPoints()).isEqualTo(2);
    assertThat(list.getBackboneDigest()).isEqualTo(backbone.digest().toString());
    assertThat(list.getPoints()).isEqualTo(4);
    assertThat(list.getGeneration()).isEqualTo(1);
  }

  @Test
  void start_overAStoreWithActiveTasks_servesThem() {
    AdapterBundle bundle = bundles.bundle(1, 1);
    RunningServer before = start(ServerSettings.defaults());
    before.activate("task", bundle);
    before.activate("other", bundles.bundle(2));
    before.close();
    running.remove(before);
    RunningServer after = start(ServerSettings.defaults());
    requireOracle(bundle, "good old film", classify(after, "task", "good old film"));
    assertThat(classify(after, "other", "good").getScoresCount()).isEqualTo(2);
  }

  @Test
  void start_activeBundleDamagedOnDisk_servesTheOthersUntilItIsSentAgain() throws IOException {
    AdapterBundle lost = bundles.bundle(1, 1);
    AdapterBundle kept = bundles.bundle(2, 1);
    RunningServer before = start(ServerSettings.defaults());
    before.activate("lost", lost);
    before.activate("kept", kept);
    before.close();
    running.remove(before);
    Files.write(stored(lost), Arrays.copyOf(lost.bytes(), lost.sizeBytes() / 2));
    RunningServer after = start(ServerSettings.defaults());

    requireOracle(kept, "good", classify(after, "kept", "good"));
    requireStatus(() -> classify(after, "lost", "good"), Status.Code.NOT_FOUND, "\"lost\"");
    HealthGrpc.HealthBlockingStub health = after.data(HealthGrpc.HealthBlockingStub.class);
    assertThat(status(health, "task/lost")).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(status(health, "task/kept")).isEqualTo(ServingStatus.SERVING);
    ActivateRequest again = ActivateRequest.newBuilder().setTask("lost").setRevision(1).build();
    requireStatus(() -> after.adapters().activate(again), Status.Code.DATA_LOSS, "stored bundle: ");

    after.activate("lost", lost);

    requireOracle(lost, "good", classify(after, "lost", "good"));
    assertThat(status(health, "task/lost")).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void register_labelsOrTextsThatCannotBeServed_areRefused() {
    RunningServer server = shared;
    AdapterBundle onePassage =
        bundles
            .builder()
            .kind(io.sluice.registry.bundle.TaskKind.ANSWER_SPAN)
            .adaptAt(1, 4)
            .build();
    requireStatus(
        () -> server.upload(header("spans"), onePassage.bytes()),
        Status.Code.FAILED_PRECONDITION,
        "text fields [text] (expected: 2, a question and a passage, for kind ANSWER_SPAN)");
    AdapterBundle neitherYesNorNo =
        bundles
            .builder()
            .kind(io.sluice.registry.bundle.TaskKind.ANSWER_BOOLEAN, "left", "right")
            .textFields("question", "passage")
            .adaptAt(1, 4)
            .build();
    requireStatus(
        () -> server.upload(header("sides"), neitherYesNorNo.bytes()),
        Status.Code.FAILED_PRECONDITION,
        "labels: [left, right] (expected: one of");
  }

  @Test
  void health_perServiceAndTask_followsTheServer() {
    RunningServer server = start(ServerSettings.defaults());
    server.activate("task", bundles.bundle(1, 1));
    HealthGrpc.HealthBlockingStub health = server.data(HealthGrpc.HealthBlockingStub.class);
    assertThat(status(health, "")).isEqualTo(ServingStatus.SERVING);
    assertThat(status(health, "sluice.v1.InferenceService")).isEqualTo(ServingStatus.SERVING);
    assertThat(status(health, "task/task")).isEqualTo(ServingStatus.SERVING);
    assertThat(
            status(server.admin(HealthGrpc.HealthBlockingStub.class), "sluice.v1.AdapterService"))
        .isEqualTo(ServingStatus.SERVING);
    requireStatus(() -> status(health, "task/nobody"), Status.Code.NOT_FOUND, "");

    assertThat(server.server().drain(Duration.ofSeconds(5))).isTrue();

    assertThat(status(health, "")).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(status(health, "task/task")).isEqualTo(ServingStatus.NOT_SERVING);
    requireStatus(() -> classify(server, "task", "good"), Status.Code.UNAVAILABLE, "draining");
  }

  @Test
  void drain_withRequestsUnderWay_answersThemAll() {
    RunningServer server = start(ServerSettings.defaults());
    server.activate("task", bundles.bundle(1, 1));
    InferenceServiceGrpc.InferenceServiceStub client =
        server.data(InferenceServiceGrpc.InferenceServiceStub.class);
    List<CompletableFuture<ClassifyReply>> replies = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Collected<ClassifyReply> collected = new Collected<>();
      client.classify(request("task", TestingBackbone.text(new Random(i), 20)), collected);
      replies.add(collected.reply);
    }
    replies.get(0).join();
    assertThat(server.server().drain(Duration.ofSeconds(20))).isTrue();
    for (CompletableFuture<ClassifyReply> reply : replies) {
      Throwable failure = reply.handle((value, thrown) -> thrown).join();
      if (failure != null) {
        assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      }
    }
  }

  @Test
  void classify_cancelledByTheClient_freesItsPlace() {
    RunningServer server = start(ServerSettings.defaults());
    server.activate("task", bundles.bundle(1, 1));
    for (int i = 0; i < 50; i++) {
      server
          .data(InferenceServiceGrpc.InferenceServiceFutureStub.class)
          .classify(request("task", TestingBackbone.text(new Random(i), 50)))
          .cancel(true);
    }
    assertThat(server.server().drain(Duration.ofSeconds(20))).isTrue();
  }

  @Test
  void reflection_onBothPorts_listsTheServices() {
    RunningServer server = shared;
    assertThat(services(server.data(ServerReflectionGrpc.ServerReflectionStub.class)))
        .contains("sluice.v1.InferenceService", "grpc.health.v1.Health")
        .doesNotContain("sluice.v1.AdapterService");
    assertThat(services(server.admin(ServerReflectionGrpc.ServerReflectionStub.class)))
        .contains("sluice.v1.AdapterService", "grpc.health.v1.Health")
        .doesNotContain("sluice.v1.InferenceService");
  }

  @Test
  void start_portTaken_saysSoAndFreesEverything() {
    RunningServer server = start(ServerSettings.defaults());
    int port = server.server().port();
    assertThatThrownBy(
            () -> {
              try (var store =
                  BundleStore.open(
                      directory.resolve("second"),
                      BundleLimits.defaults(),
                      InstantSource.system())) {
                SluiceServer.start(
                        backbone, store, ServerSettings.defaults().withPorts(port, 0), runtime)
                    .close();
              }
            })
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining(":" + port);
  }

  private RunningServer start(ServerSettings settings) {
    RunningServer server =
        new RunningServer(directory.resolve("store"), backbone, settings, runtime);
    running.add(server);
    return server;
  }

  private Path stored(AdapterBundle bundle) throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("store"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(bundle.digest().hex()))
          .findFirst()
          .orElseThrow();
    }
  }

  private AdapterBundle questions() {
    return bundles.proven(
        bundles
            .builder()
            .seed(4)
            .kind(io.sluice.registry.bundle.TaskKind.ANSWER_BOOLEAN, "false", "true")
            .textFields("question", "passage")
            .adaptAt(2, 4));
  }

  private static Probe firstRow(Probe probe) {
    return new Probe(
        probe.ids().subList(0, 1), probe.typeIds().subList(0, 1), probe.logits().subList(0, 1));
  }

  private static BundleHeader header(String task) {
    return BundleHeader.newBuilder().setTask(task).setActivate(true).build();
  }

  private static ClassifyRequest request(String task, String text) {
    return ClassifyRequest.newBuilder().setTask(task).setText(text).build();
  }

  private static ClassifyReply classify(RunningServer server, String task, String text) {
    return server.inference().classify(request(task, text));
  }

  private void requireOracle(AdapterBundle bundle, String text, ClassifyReply reply) {
    try (MergedModel oracle = bundles.oracle(bundle);
        BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      Encoding encoding = tokenizer.encode(text, null, 64);
      float[] logits = oracle.logits(encoding.ids(), encoding.typeIds());
      double yes = 1 / (1 + Math.exp((double) logits[0] - logits[1]));
      assertThat((double) reply.getScores(1).getScore()).isCloseTo(yes, within(TOLERANCE));
      assertThat(reply.getLabel()).isEqualTo(yes > 0.5 ? "yes" : "no");
      assertThat(reply.getInfo().getBundleDigest()).isEqualTo(bundle.digest().toString());
    }
  }

  private static void requireStatus(ThrowingCallable call, Status.Code code, String text) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).as(e.toString()).isEqualTo(code);
              assertThat(String.valueOf(e.getStatus().getDescription())).contains(text);
            });
  }

  private static ServingStatus status(HealthGrpc.HealthBlockingStub health, String service) {
    return health.check(HealthCheckRequest.newBuilder().setService(service).build()).getStatus();
  }

  private static List<String> services(ServerReflectionGrpc.ServerReflectionStub reflection) {
    Collected<ServerReflectionResponse> collected = new Collected<>();
    StreamObserver<ServerReflectionRequest> requests = reflection.serverReflectionInfo(collected);
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    List<String> names = new ArrayList<>();
    collected
        .reply
        .join()
        .getListServicesResponse()
        .getServiceList()
        .forEach(service -> names.add(service.getName()));
    requests.onCompleted();
    return names;
  }

  /** The first reply of a call, or its failure. */
  private static final class Collected<T> implements StreamObserver<T> {
    final CompletableFuture<T> reply = new CompletableFuture<>();

    @Override
    public void onNext(T value) {
      reply.complete(value);
    }

    @Override
    public void onError(Throwable failure) {
      reply.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {}
  }
}
