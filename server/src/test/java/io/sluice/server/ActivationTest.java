package io.sluice.server;

import static io.sluice.server.testing.Asked.requireStatus;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.ActivateRequest;
import io.sluice.proto.v1.Activation;
import io.sluice.proto.v1.BundleHeader;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.ListRequest;
import io.sluice.proto.v1.RetireReply;
import io.sluice.proto.v1.RetireRequest;
import io.sluice.proto.v1.RollbackRequest;
import io.sluice.proto.v1.Task;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.server.engine.EngineSettings;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.SharedServer;
import io.sluice.server.testing.TestingBackbone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Bundles that come back, tasks that go, and many that come at once, over real channels. */
@Timeout(60)
class ActivationTest {
  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);
  private static final AdapterBundle A = bundles.bundle(1, 1, 3);
  private static final AdapterBundle B = bundles.bundle(2, 2);

  /**
   * Sessions over several blocks come when traffic has earned them: handles nobody here asked for.
   */
  @RegisterExtension
  static final SharedServer shared =
      new SharedServer(
          backbone,
          ServerSettings.defaults().withEngine(EngineSettings.defaults().withExpressBytes(0)),
          runtime);

  private static RunningServer server;

  @BeforeAll
  static void start() {
    server = shared.get();
  }

  @Test
  void activate_bundleThatWasLiveLately_buildsAndProbesNothing() {
    server.activate("recent", A);
    answeredBy("recent");
    float difference = server.activate("recent", B).getActivation().getProbeDifference();
    answeredBy("recent");
    int handles = runtime.openHandles();
    Activation back = rollback("recent");
    assertThat(back.getDigest()).isEqualTo(A.digest().toString());
    assertThat(answeredBy("recent")).isEqualTo(A.digest().toString());
    Activation forth = activate("recent", B);
    assertThat(forth.getGeneration()).isGreaterThan(back.getGeneration());
    assertThat(forth.getPreviousDigest()).isEqualTo(A.digest().toString());
    assertThat(forth.getProbeDifference()).isEqualTo(difference);
    assertThat(forth.getCompiledStructures()).isZero();
    assertThat(answeredBy("recent")).isEqualTo(B.digest().toString());
    // Live and lately live, as before: nothing was loaded beside them.
    assertThat(runtime.openHandles()).isEqualTo(handles);
    Activation same = activate("recent", B);
    assertThat(same.getGeneration()).isGreaterThan(forth.getGeneration());
    assertThat(runtime.openHandles()).isEqualTo(handles);
  }

  @Test
  void activate_bundleJustRegistered_loadsNothingMore() {
    AdapterBundle own = bundles.bundle(30, 1, 2);
    server.upload(BundleHeader.newBuilder().setTask("fresh").build(), own.bytes());
    int handles = runtime.openHandles();
    activate("fresh", own);
    assertThat(answeredBy("fresh")).isEqualTo(own.digest().toString());
    // Its weights were loaded while the disk wrote, and read by the probe.
    assertThat(runtime.openHandles()).isEqualTo(handles);
  }

  @Test
  void activate_bundleLiveLatelyWithItsFileDamaged_isRefused() throws IOException {
    AdapterBundle own = bundles.bundle(3, 1);
    server.activate("broken", own);
    server.activate("broken", B);
    Files.write(file(own), new byte[100]);
    requireStatus(() -> activate("broken", own), Status.Code.DATA_LOSS, "stored bundle: ");
    assertThat(answeredBy("broken")).isEqualTo(B.digest().toString());
    server.activate("broken", own);
    assertThat(answeredBy("broken")).isEqualTo(own.digest().toString());
  }

  @Test
  void retire_task_isGoneWithTheBundlesThatNobodyElseHas() throws IOException {
    AdapterBundle own = bundles.bundle(4, 1);
    server.activate("going", own);
    server.activate("going", A);
    server.activate("staying", A);
    long generation = server.adapters().list(ListRequest.getDefaultInstance()).getGeneration();
    RetireRequest wrong =
        RetireRequest.newBuilder()
            .setTask("going")
            .setExpectedActiveDigest(own.digest().toString())
            .build();
    requireStatus(
        () -> server.adapters().retire(wrong), Status.Code.ABORTED, "active bundle sha256:");
    assertThat(answeredBy("going")).isEqualTo(A.digest().toString());

    RetireReply reply =
        server
            .adapters()
            .retire(wrong.toBuilder().setExpectedActiveDigest(A.digest().toString()).build());

    assertThat(reply.getTask().getRevisionsCount()).isEqualTo(2);
    assertThat(reply.getTask().getActiveDigest()).isEqualTo(A.digest().toString());
    assertThat(reply.getGeneration()).isGreaterThan(generation);
    assertThat(reply.getDeletedBundles()).isEqualTo(1);
    assertThat(reply.getDeletedBytes()).isEqualTo(own.sizeBytes());
    assertThat(file(own)).doesNotExist();
    assertThat(file(A)).exists();
    requireStatus(() -> answeredBy("going"), Status.Code.NOT_FOUND, "\"going\"");
    requireStatus(() -> health("task/going"), Status.Code.NOT_FOUND, "");
    assertThat(server.adapters().list(ListRequest.getDefaultInstance()).getTasksList())
        .extracting(Task::getName)
        .contains("staying")
        .doesNotContain("going");
    RetireRequest again = RetireRequest.newBuilder().setTask("going").build();
    requireStatus(() -> server.adapters().retire(again), Status.Code.NOT_FOUND, "task: going");
    requireStatus(() -> activate("going", A), Status.Code.NOT_FOUND, "task: going");
    requireStatus(
        () -> server.adapters().retire(RetireRequest.getDefaultInstance()),
        Status.Code.INVALID_ARGUMENT,
        "task: \"\"");

    assertThat(server.activate("going", own).getRevision().getNumber()).isEqualTo(1);
    assertThat(answeredBy("going")).isEqualTo(own.digest().toString());
  }

  @Test
  void retire_fileThatCannotBeDeleted_isDoneAndTheNextDeletesIt() throws IOException {
    AdapterBundle own = bundles.bundle(40, 1);
    server.activate("stuck", own);
    Files.delete(file(own));
    Path inside = Files.createDirectory(file(own)).resolve("inside");
    Files.write(inside, new byte[1]);

    RetireReply reply =
        server.adapters().retire(RetireRequest.newBuilder().setTask("stuck").build());
    assertThat(reply.getTask().getName()).isEqualTo("stuck");
    assertThat(reply.getDeletedBundles()).isZero();
    requireStatus(() -> answeredBy("stuck"), Status.Code.NOT_FOUND, "\"stuck\"");
    assertThat(inside).exists();

    Files.delete(inside);
    server.upload(BundleHeader.newBuilder().setTask("other").build(), A.bytes());
    assertThat(file(own)).doesNotExist();
  }

  @Test
  void retire_underLoad_everyRequestIsAnsweredOrFindsNoTask() throws Exception {
    server.activate("asked", A);
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService clients = Executors.newFixedThreadPool(4);
    try {
      List<Future<Integer>> asking = new ArrayList<>();
      for (int client = 0; client < 4; client++) {
        Random random = new Random(client);
        asking.add(clients.submit(() -> askUntilGone(random, stop)));
      }
      for (int i = 0; i < 20; i++) {
        answeredBy("asked");
      }
      server.adapters().retire(RetireRequest.newBuilder().setTask("asked").build());
      stop.set(true);
      for (Future<Integer> one : asking) {
        assertThat(one.get()).isPositive();
      }
    } finally {
      stop.set(true);
      clients.shutdownNow();
    }
  }

  @Test
  void register_manyFromManyConnectionsUnderLoad_allAnswerWithTheirOwnBundle() throws Exception {
    server.activate("busy", A);
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(9);
    try {
      Random random = new Random(1);
      Future<Integer> load = threads.submit(() -> ask("busy", random, stop));
      List<AdapterBundle> sent = new ArrayList<>();
      List<Future<?>> sending = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        String task = "many-" + i;
        AdapterBundle bundle = bundles.bundle(100 + i, 1 + i % 4);
        sent.add(bundle);
        sending.add(threads.submit(() -> server.activate(task, bundle)));
      }
      for (Future<?> one : sending) {
        one.get();
      }
      stop.set(true);
      assertThat(load.get()).isPositive();
      for (int i = 0; i < sent.size(); i++) {
        assertThat(answeredBy("many-" + i)).isEqualTo(sent.get(i).digest().toString());
      }
    } finally {
      stop.set(true);
      threads.shutdownNow();
    }
  }

  /** Returns the number of answers before the task was gone. */
  private static int askUntilGone(Random random, AtomicBoolean stop) {
    try {
      return ask("asked", random, stop);
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
      return 1;
    }
  }

  private static int ask(String task, Random random, AtomicBoolean stop) {
    var inference = server.inference();
    int answers = 0;
    while (!stop.get()) {
      String text = TestingBackbone.text(random, 1 + random.nextInt(8));
      inference.classify(ClassifyRequest.newBuilder().setTask(task).setText(text).build());
      answers++;
    }
    return answers;
  }

  private static String answeredBy(String task) {
    return server
        .inference()
        .classify(ClassifyRequest.newBuilder().setTask(task).setText("good").build())
        .getInfo()
        .getBundleDigest();
  }

  private static Activation activate(String task, AdapterBundle bundle) {
    return server
        .adapters()
        .activate(
            ActivateRequest.newBuilder()
                .setTask(task)
                .setDigest(bundle.digest().toString())
                .build())
        .getActivation();
  }

  private static Activation rollback(String task) {
    return server
        .adapters()
        .rollback(RollbackRequest.newBuilder().setTask(task).build())
        .getActivation();
  }

  private static void health(String service) {
    var unused =
        server
            .data(HealthGrpc.HealthBlockingStub.class)
            .check(HealthCheckRequest.newBuilder().setService(service).build());
  }

  private static Path file(AdapterBundle bundle) {
    String hex = bundle.digest().hex();
    return shared.store().resolve(Path.of("blobs", "sha256", hex.substring(0, 2), hex + ".sluice"));
  }
}
