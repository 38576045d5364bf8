package io.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.ListRequest;
import io.sluice.proto.v1.Task;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.Scrape;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BundleWatchTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path store;
  @TempDir Path watched;

  @Test
  void files_newChangedAndBroken_serveWhenWholeAndAreElseLeft() throws Exception {
    OnnxRuntime runtime = OnnxRuntime.shared();
    Backbone backbone = TestingBackbone.create();
    ServedBundles bundles = new ServedBundles(backbone, runtime);
    AdapterBundle first = bundles.bundle(1, 1);
    AdapterBundle second = bundles.bundle(2, 2);
    Path broken = watched.resolve("broken.bundle");
    byte[] half = Arrays.copyOf(first.bytes(), first.bytes().length / 2);
    try (RunningServer server =
        new RunningServer(store, backbone, ServerSettings.defaults(), runtime)) {
      server.server().watch(watched);
      Files.write(broken, half);
      Files.write(watched.resolve("mood.bundle"), first.bytes());
      await()
          .atMost(PATIENCE)
          .until(() -> active(server).equals(Map.of("mood", first.digest().toString())));
      assertThat(broken).hasBinaryContent(half);

      Files.write(watched.resolve("mood.bundle"), second.bytes());
      Files.write(broken, first.bytes());
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  active(server)
                      .equals(
                          Map.of(
                              "mood",
                              second.digest().toString(),
                              "broken",
                              first.digest().toString())));
    }
  }

  @Test
  void files_outOfReach_doNotHoldUpOthersAndServeWhenTheyCanBeHad() throws Exception {
    OnnxRuntime runtime = OnnxRuntime.shared();
    Backbone backbone = TestingBackbone.create();
    AdapterBundle bundle = new ServedBundles(backbone, runtime).bundle(1, 1);
    String digest = bundle.digest().toString();
    Path loop = watched.resolve("loop.bundle");
    Files.createSymbolicLink(loop, loop);
    Files.createSymbolicLink(watched.resolve("nowhere.bundle"), watched.resolve("nowhere"));
    Files.createDirectory(watched.resolve("folder.bundle"));
    try (RunningServer server =
        new RunningServer(store, backbone, ServerSettings.defaults(), runtime)) {
      // No bundle of this first letter can be kept until there is a folder.
      Path folder = store.resolve("blobs/sha256").resolve(bundle.digest().hex().substring(0, 2));
      Files.writeString(folder, "in the way");
      Files.write(watched.resolve("mood.bundle"), bundle.bytes());
      server.server().watch(watched);
      await().atMost(PATIENCE).until(() -> unavailable(server) > 0);
      assertThat(active(server)).isEmpty();

      Files.delete(folder);
      await().atMost(PATIENCE).until(() -> active(server).equals(Map.of("mood", digest)));
    }
  }

  private static long unavailable(RunningServer server) {
    return Scrape.of(server.server().adminPort())
        .histogramCount(
            "sluice_activation_seconds", Map.of("action", "register", "outcome", "UNAVAILABLE"));
  }

  private static Map<String, String> active(RunningServer server) {
    return server.adapters().list(ListRequest.getDefaultInstance()).getTasksList().stream()
        .collect(Collectors.toMap(Task::getName, Task::getActiveDigest));
  }
}
