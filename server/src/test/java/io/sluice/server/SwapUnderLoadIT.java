package io.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.ActivateReply;
import io.sluice.proto.v1.ActivateRequest;
import io.sluice.proto.v1.AdapterServiceGrpc;
import io.sluice.proto.v1.BundleHeader;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A thousand swaps while eight clients ask: nobody notices but by the digest. */
@Timeout(120)
class SwapUnderLoadIT {
  private static final int SWAPS = 1_000;
  private static final int CLIENTS = 8;
  private static final String TASK = "task";

  /** One reply: when it was asked for, when it came, and who it says answered. */
  private record Seen(long sentNanos, long receivedNanos, long generation, String digest) {}

  /** One swap: it became visible somewhere between these two moments. */
  private record Swap(long beforeNanos, long afterNanos, long generation, String digest) {}

  @TempDir Path directory;

  @Test
  void swap_athousandTimesUnderLoad_everyReplyIsOfABundleThatWasActive() throws Exception {
    OnnxRuntime runtime = OnnxRuntime.shared();
    int handlesBefore = runtime.openHandles();
    Backbone backbone = TestingBackbone.create();
    ServedBundles bundles = new ServedBundles(backbone, runtime);
    List<AdapterBundle> revisions =
        List.of(
            bundles.bundle(1, 1), bundles.bundle(2, 3), bundles.bundle(3, 1, 4), bundles.bundle(4));
    List<Swap> swaps = new ArrayList<>();
    List<Seen> seen = new ArrayList<>();
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    try (RunningServer server =
        new RunningServer(directory, backbone, ServerSettings.defaults(), runtime)) {
      for (AdapterBundle revision : revisions) {
        server.upload(BundleHeader.newBuilder().setTask(TASK).build(), revision.bytes());
      }
      AdapterServiceGrpc.AdapterServiceBlockingStub adapters = server.adapters();
      swaps.add(swap(adapters, 1));
      AtomicBoolean stop = new AtomicBoolean();
      List<Future<List<Seen>>> asking = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        int seed = client;
        asking.add(clients.submit(() -> ask(server, new Random(seed), stop)));
      }
      for (int i = 1; i <= SWAPS; i++) {
        swaps.add(swap(adapters, 1 + i % revisions.size()));
      }
      stop.set(true);
      for (Future<List<Seen>> done : asking) {
        seen.addAll(done.get());
      }
    } finally {
      clients.shutdownNow();
    }
    assertThat(swaps).hasSize(SWAPS + 1);
    requireActiveBetween(seen, swaps);
    assertThat(seen.stream().map(Seen::digest).distinct()).hasSize(revisions.size());
    assertThat(runtime.openHandles()).isEqualTo(handlesBefore);
  }

  private static Swap swap(AdapterServiceGrpc.AdapterServiceBlockingStub adapters, int revision) {
    long before = System.nanoTime();
    ActivateReply reply =
        adapters.activate(ActivateRequest.newBuilder().setTask(TASK).setRevision(revision).build());
    return new Swap(
        before,
        System.nanoTime(),
        reply.getActivation().getGeneration(),
        reply.getActivation().getDigest());
  }

  /** Any failure ends the client, and the test with it. */
  private static List<Seen> ask(RunningServer server, Random random, AtomicBoolean stop) {
    InferenceServiceGrpc.InferenceServiceBlockingStub inference = server.inference();
    List<Seen> seen = new ArrayList<>();
    while (!stop.get()) {
      ClassifyRequest request =
          ClassifyRequest.newBuilder()
              .setTask(TASK)
              .setText(TestingBackbone.text(random, 1 + random.nextInt(8)))
              .build();
      long sent = System.nanoTime();
      ClassifyReply reply = inference.classify(request);
      seen.add(
          new Seen(
              sent,
              System.nanoTime(),
              reply.getInfo().getGeneration(),
              reply.getInfo().getBundleDigest()));
    }
    return seen;
  }

  /**
   * A bundle was active from some moment within its own swap to some moment within the next one;
   * the reply's time between sending and receiving must touch that span.
   */
  private static void requireActiveBetween(List<Seen> seen, List<Swap> swaps) {
    Map<Long, Integer> byGeneration = new HashMap<>();
    for (int i = 0; i < swaps.size(); i++) {
      byGeneration.put(swaps.get(i).generation(), i);
    }
    for (Seen reply : seen) {
      Integer index = byGeneration.get(reply.generation());
      if (index == null) {
        throw new AssertionError("generation of " + reply + " (expected: one that was activated)");
      }
      Swap own = swaps.get(index);
      assertThat(reply.digest()).isEqualTo(own.digest());
      assertThat(reply.receivedNanos() - own.beforeNanos()).as("%s, %s", reply, own).isPositive();
      if (index + 1 < swaps.size()) {
        Swap next = swaps.get(index + 1);
        assertThat(next.afterNanos() - reply.sentNanos()).as("%s, %s", reply, next).isPositive();
      }
    }
  }
}
