package io.sluice.server;

import static io.sluice.server.testing.Asked.classify;
import static io.sluice.server.testing.Asked.request;
import static io.sluice.server.testing.Asked.requireStatus;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.AnswerRequest;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.server.engine.BatchingSettings;
import io.sluice.server.engine.EngineSettings;
import io.sluice.server.testing.Asked;
import io.sluice.server.testing.FirstReply;
import io.sluice.server.testing.MergedModel;
import io.sluice.server.testing.OwnServers;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.SharedServer;
import io.sluice.server.testing.TestingBackbone;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Texts in, answers out, over real channels. */
@Timeout(60)
class SluiceServerTest {
  private static final double TOLERANCE = 1e-5;

  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);

  /** For tests that only add tasks of their own. */
  @RegisterExtension
  static final SharedServer shared = new SharedServer(backbone, ServerSettings.defaults(), runtime);

  @RegisterExtension final OwnServers own = new OwnServers(backbone, runtime);

  @TempDir Path directory;

  @Test
  void classify_twoTasks_answerAsTheirMergedModels() {
    RunningServer server = shared.get();
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
    RunningServer server = shared.get();
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
      FirstReply<ClassifyReply> collected = new FirstReply<>();
      client.classify(request, collected);
      replies.add(collected.reply());
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
    RunningServer server = shared.get();
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
    RunningServer server = shared.get();
    server.activate("short", bundles.proven(bundles.builder().maxTokens(16).adaptAt(1, 4)));
    ClassifyReply reply = classify(server, "short", TestingBackbone.text(new Random(1), 50));
    assertThat(reply.getInfo().getTruncated()).isTrue();
    assertThat(reply.getInfo().getTokens()).isEqualTo(16);
  }

  @Test
  void answer_booleanTask_givesYesOrNo() {
    RunningServer server = shared.get();
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
    RunningServer server = shared.get();
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
      FirstReply<ClassifyReply> collected = new FirstReply<>();
      client.classify(request("task", TestingBackbone.text(new Random(i), 50)), collected);
      replies.add(collected.reply());
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
    RunningServer server = shared.get();
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
      FirstReply<ClassifyReply> collected = new FirstReply<>();
      client.classify(request("task", TestingBackbone.text(new Random(i), 50)), collected);
      replies.add(collected.reply());
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
  void reflection_onBothPorts_listsTheServices() {
    RunningServer server = shared.get();
    assertThat(services(server.data(ServerReflectionGrpc.ServerReflectionStub.class)))
        .contains("sluice.v1.InferenceService", "grpc.health.v1.Health")
        .doesNotContain("sluice.v1.AdapterService");
    assertThat(services(server.admin(ServerReflectionGrpc.ServerReflectionStub.class)))
        .contains("sluice.v1.AdapterService", "grpc.health.v1.Health")
        .doesNotContain("sluice.v1.InferenceService");
  }

  private RunningServer start(ServerSettings settings) {
    return own.start(directory.resolve("store"), settings);
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

  private static List<String> services(ServerReflectionGrpc.ServerReflectionStub reflection) {
    FirstReply<ServerReflectionResponse> collected = new FirstReply<>();
    StreamObserver<ServerReflectionRequest> requests = reflection.serverReflectionInfo(collected);
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    List<String> names = new ArrayList<>();
    collected
        .reply()
        .join()
        .getListServicesResponse()
        .getServiceList()
        .forEach(service -> names.add(service.getName()));
    requests.onCompleted();
    return names;
  }

  private static void requireOracle(AdapterBundle bundle, String text, ClassifyReply reply) {
    Asked.requireOracle(bundles, backbone, bundle, text, reply);
  }
}
