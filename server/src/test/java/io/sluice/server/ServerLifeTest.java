package io.sluice.server;

import static io.sluice.server.testing.Asked.classify;
import static io.sluice.server.testing.Asked.request;
import static io.sluice.server.testing.Asked.requireStatus;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.ActivateRequest;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.InferenceServiceGrpc;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.store.BundleStore;
import io.sluice.server.testing.Asked;
import io.sluice.server.testing.FirstReply;
import io.sluice.server.testing.OwnServers;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A server from its start over a store to its end, over real channels. */
@Timeout(60)
class ServerLifeTest {
  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);
  private static final int HANDLES_BEFORE = runtime.openHandles();

  @RegisterExtension final OwnServers own = new OwnServers(backbone, runtime);

  @TempDir Path directory;

  @AfterAll
  static void close_afterEverything_leavesNoNativeHandle() {
    assertThat(runtime.openHandles()).isEqualTo(HANDLES_BEFORE);
  }

  @Test
  void start_overAStoreWithActiveTasks_servesThem() {
    AdapterBundle bundle = bundles.bundle(1, 1);
    RunningServer before = start(ServerSettings.defaults());
    before.activate("task", bundle);
    before.activate("other", bundles.bundle(2));
    own.close(before);
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
    own.close(before);
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
  void requireStartable_whatStartWouldRefuse_isRefusedAtOnce() throws IOException {
    ServerSettings free = ServerSettings.defaults().withPorts(0, 0);
    SluiceServer.requireStartable(free);
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int taken = other.getLocalPort();
      for (ServerSettings settings : List.of(free.withPort(taken), free.withAdminPort(taken))) {
        assertThatThrownBy(() -> SluiceServer.requireStartable(settings))
            .isInstanceOf(SluiceException.class)
            .hasMessageContaining("port 127.0.0.1:" + taken + ": ")
            .hasMessageContaining("(expected: free)");
      }
    }
    assertThatThrownBy(() -> SluiceServer.requireStartable(free.withPorts(65_000, 65_000)))
        .hasMessage("admin-port: 65000 (expected: another than that for requests)");
    assertThatThrownBy(() -> SluiceServer.requireStartable(free.withAdminHost("0.0.0.0")))
        .hasMessageStartingWith("admin-host: 0.0.0.0 without tokens");
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
      FirstReply<ClassifyReply> collected = new FirstReply<>();
      client.classify(request("task", TestingBackbone.text(new Random(i), 20)), collected);
      replies.add(collected.reply());
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
    return own.start(directory.resolve("store"), settings);
  }

  private Path stored(AdapterBundle bundle) throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("store"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(bundle.digest().hex()))
          .findFirst()
          .orElseThrow();
    }
  }

  private static ServingStatus status(HealthGrpc.HealthBlockingStub health, String service) {
    return health.check(HealthCheckRequest.newBuilder().setService(service).build()).getStatus();
  }

  private static void requireOracle(AdapterBundle bundle, String text, ClassifyReply reply) {
    Asked.requireOracle(bundles, backbone, bundle, text, reply);
  }
}
