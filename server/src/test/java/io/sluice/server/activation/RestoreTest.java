package io.sluice.server.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.store.BundleStore;
import io.sluice.registry.store.Proof;
import io.sluice.server.engine.Engine;
import io.sluice.server.engine.EngineSettings;
import io.sluice.server.engine.Lease;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is probed at a start; a bundle with another's probe tells whether it was. */
@Timeout(60)
class RestoreTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.create();
  private final ServedBundles bundles = new ServedBundles(backbone, runtime);
  private final AdapterBundle good = bundles.bundle(1, 1, 3);
  private final AdapterBundle drifting =
      bundles.builder().seed(2).adaptAt(1, 4).probe(good.probe()).build();

  @TempDir private Path directory;

  @Test
  void restore_provenByThisEngine_isNotProbedAgain() {
    try (BundleStore store = open();
        Engine engine = Engine.start(backbone, EngineSettings.defaults(), runtime)) {
      store.register("drifting", drifting);
      store.activate(
          "drifting", drifting.digest(), null, new Proof(EngineIdentity.of(engine), 1e-6));
      activator(engine, store).restore();
      assertThat(engine.tasks().has("drifting")).isTrue();
    }
  }

  @Test
  void restore_provenByAnotherEngineOrNone_isProbed() {
    try (BundleStore store = open();
        Engine engine = Engine.start(backbone, EngineSettings.defaults(), runtime)) {
      store.register("drifting", drifting);
      store.activate("drifting", drifting.digest(), null, new Proof("another engine", 1e-6));
      store.register("good", good);
      store.activate("good", good.digest(), null);
      activator(engine, store).restore();
      assertThat(engine.tasks().has("drifting")).isFalse();
      assertThat(engine.tasks().has("good")).isTrue();
    }
  }

  @Test
  void activate_bundle_isProvenForTheNextStart() {
    try (BundleStore store = open();
        Engine engine = Engine.start(backbone, EngineSettings.defaults(), runtime)) {
      TaskActivator activator = activator(engine, store);
      activator.register("good", good.bytes(), null);
      double difference =
          activator
              .activate("good", good.digest(), new ExpectedActive.Anything())
              .probeDifference();
      assertThat(store.proven(EngineIdentity.of(engine))).containsEntry(good.digest(), difference);
    }
  }

  @Test
  void retire_serverAboutToClose_waitsForNoRequestAndDeletesNothing() throws Exception {
    try (BundleStore store = open();
        Engine engine = Engine.start(backbone, EngineSettings.defaults(), runtime)) {
      TaskActivator activator = activator(engine, store);
      activator.register("good", good.bytes(), null);
      activator.activate("good", good.digest(), new ExpectedActive.Anything());
      Lease asking = engine.tasks().lease("good");
      CompletableFuture<Retired> retired =
          CompletableFuture.supplyAsync(
              () -> activator.retire("good", new ExpectedActive.Anything()));
      await().until(() -> !engine.tasks().has("good"));
      assertThat(retired).isNotDone();

      engine.refuse();

      assertThat(retired.get(5, TimeUnit.SECONDS).collected().digests()).isEmpty();
      asking.close();
    }
    try (BundleStore store = open()) {
      assertThat(store.tasks()).isEmpty();
    }
    try (Stream<Path> files = Files.walk(directory.resolve("blobs"))) {
      assertThat(files.filter(Files::isRegularFile)).isEmpty();
    }
  }

  private BundleStore open() {
    return BundleStore.open(directory, BundleLimits.defaults(), InstantSource.system());
  }

  private static TaskActivator activator(Engine engine, BundleStore store) {
    return new TaskActivator(
        engine,
        store,
        BundleLimits.defaults(),
        null,
        CostSettings.any(),
        new Silent(),
        (action, task, failure, nanos) -> {});
  }

  /** Hears what a start tells of its tasks, and tells nobody. */
  private static final class Silent implements TaskListener {
    @Override
    public void serving(String task, boolean serves) {}

    @Override
    public void retired(String task) {}
  }
}
