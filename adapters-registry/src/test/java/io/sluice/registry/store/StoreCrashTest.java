package io.sluice.registry.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Digest;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleWriter;
import io.sluice.registry.testing.TestingBundles;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that writes without end is killed at random moments, again and again, on one store:
 * what it was told to be done must be there, and what is there must be whole.
 */
class StoreCrashTest {
  private static final int KILLS = 25;
  private static final int FEWEST_KILLS = 8;
  private static final long ENOUGH_NANOS = 20_000_000_000L;
  private static final int BUNDLES = 60;
  private static final int MOST_LINES = 40;
  private static final int MOST_NANOS = 20_000_000;

  private final Map<String, Set<Digest>> registered = new HashMap<>();
  private final Map<String, Long> versions = new HashMap<>();

  @Test
  void open_afterEachOfManyKills_hasAllThatWasAcknowledged(@TempDir Path directory)
      throws Exception {
    long seed = System.nanoTime();
    System.err.println("StoreCrashTest: seed " + seed);
    Random random = new Random(seed);
    Path bundles = Files.createDirectory(directory.resolve("bundles"));
    for (int i = 0; i < BUNDLES; i++) {
      BundleWriter.save(
          TestingBundles.small().seed(i).adaptAt(1 + i % 4, 2).build(),
          bundles.resolve(String.format("%03d.sluice", i)));
    }
    Path storeDirectory = directory.resolve("store");
    int unregistered = 0;
    int kills = 0;
    long start = System.nanoTime();
    // On a busy machine most of the time goes into starting processes: fewer must do there.
    while (kills < FEWEST_KILLS || (kills < KILLS && System.nanoTime() - start < ENOUGH_NANOS)) {
      kills++;
      killOne(storeDirectory, bundles, random.nextInt(BUNDLES), random);
      try (BundleStore store =
          BundleStore.open(storeDirectory, BundleLimits.defaults(), InstantSource.system())) {
        verify(store);
        unregistered += store.opened().unregistered().size();
      }
    }
    System.err.printf(
        "StoreCrashTest: %d kills, versions %s, %d unregistered files met%n",
        kills, versions, unregistered);
    assertThat(versions).hasSize(3);
  }

  /** Starts a writer, follows what it says it has done, and kills it after a random while. */
  private void killOne(Path store, Path bundles, int first, Random random) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                DoomedWriter.class.getName(),
                store.toString(),
                bundles.toString(),
                String.valueOf(first))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      assertThat(lines.readLine()).isEqualTo("open");
      int patience = random.nextInt(MOST_LINES);
      for (int i = 0; i < patience; i++) {
        note(lines.readLine());
      }
      long end = System.nanoTime() + random.nextInt(MOST_NANOS);
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      process.destroyForcibly();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        note(line);
      }
    } catch (IOException e) {
      // The pipe of a process that was killed may break while it is read; what was read counts.
      assertThat(e).hasMessageContaining("closed");
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** A line cut short by the kill tells nothing. */
  private void note(String line) {
    String[] words = line == null ? new String[0] : line.split(" ");
    if (words.length == 3 && words[0].equals("registered") && words[2].length() == 64) {
      registered.computeIfAbsent(words[1], task -> new HashSet<>()).add(new Digest(words[2]));
    } else if (words.length == 3 && words[0].equals("version")) {
      versions.merge(words[1], Long.parseLong(words[2]), Math::max);
    }
  }

  private void verify(BundleStore store) {
    assertThat(store.opened().damaged()).isEmpty();
    for (TaskState task : store.tasks()) {
      for (Revision revision : task.revisions()) {
        assertThat(store.load(revision.digest()).sizeBytes()).isEqualTo(revision.sizeBytes());
      }
      assertThat(task.revisions().stream().map(Revision::digest))
          .containsAll(registered.getOrDefault(task.name(), Set.of()));
      assertThat(task.version()).isGreaterThanOrEqualTo(versions.getOrDefault(task.name(), 0L));
      verifyHistory(task);
    }
    assertThat(store.tasks().stream().map(TaskState::name)).containsAll(registered.keySet());
  }

  private static void verifyHistory(TaskState task) {
    Digest active = null;
    long version = 0;
    for (Activation activation : task.history()) {
      assertThat(activation.previous()).isEqualTo(active);
      assertThat(activation.version()).isGreaterThan(version).isLessThanOrEqualTo(task.version());
      active = activation.digest();
      version = activation.version();
      assertThat(task.revision(active)).isPresent();
    }
    assertThat(task.active()).isEqualTo(active);
    List<Integer> numbers = task.revisions().stream().map(Revision::number).toList();
    for (int i = 0; i < numbers.size(); i++) {
      assertThat(numbers.get(i)).isEqualTo(i + 1);
    }
  }
}
