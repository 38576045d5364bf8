package io.sluice.registry.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.BundleWriter;
import io.sluice.registry.testing.TestingBundles;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One store at a time on a directory, whoever asks and how often. */
class StoreLockTest {
  @TempDir Path directory;

  @Test
  void acquire_refusedInThisProcess_stillKeepsOthersOut() throws Exception {
    String self = "locked by process " + ProcessHandle.current().pid();
    Path store = Files.createDirectory(directory.resolve("store"));
    StoreLock held = StoreLock.acquire(store);
    try {
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> StoreLock.acquire(store))
            .isInstanceOf(SluiceException.class)
            .hasMessageContaining(self + ", this one");
      }
      assertThat(openElsewhere(store)).contains(self);
    } finally {
      held.close();
    }
    assertThat(openElsewhere(store)).contains("open\n");
    StoreLock.acquire(store).close();
  }

  @Test
  void requireFree_lockedOrNoStore_isRefusedOrLeftAlone() throws Exception {
    Path store = directory.resolve("free");
    BundleStore.requireFree(store);
    assertThat(store).doesNotExist();
    Files.createDirectories(store);
    BundleStore.requireFree(store);
    assertThat(store).isEmptyDirectory();
    StoreLock held = StoreLock.acquire(store);
    try {
      assertThatThrownBy(() -> BundleStore.requireFree(store))
          .isInstanceOf(SluiceException.class)
          .hasMessageContaining("store.lock: locked by process ");
    } finally {
      held.close();
    }
    BundleStore.requireFree(store);
    StoreLock.acquire(store).close();
  }

  /** The first words of another process that opens a store there. */
  private String openElsewhere(Path store) throws Exception {
    Path bundles = Files.createDirectories(directory.resolve("bundles"));
    BundleWriter.save(TestingBundles.small().adaptAt(1, 2).build(), bundles.resolve("a.sluice"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                DoomedWriter.class.getName(),
                store.toString(),
                bundles.toString(),
                "0")
            .redirectErrorStream(true)
            .start();
    try (var said = process.inputReader(UTF_8)) {
      StringBuilder words = new StringBuilder();
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        words.append(line).append('\n');
        if (line.equals("open")) {
          break;
        }
      }
      return words.toString();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }
}
