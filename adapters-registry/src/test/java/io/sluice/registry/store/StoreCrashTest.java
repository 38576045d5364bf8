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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that writes without end is killed at random moments, again and again, on one store:
 * what it was told to be done must be there, and what is there must be whole.
 */
class StoreCrashTest {
  private static final int KILLS = 25;

  /** {@code -Dsluice.test.kills=1000} for the long run. */
  private static final int FEWEST_KILLS = Integer.getInteger("sluice.test.kills", 8);

  private static final int FORGETFUL_KILLS = 5;
  private static final long ENOUGH_NANOS = 20_000_000_000L;
  private static final int BUNDLES = 60;
  private static final int MOST_LINES = 40;
  private static final int MOST_NANOS = 20_000_000;

  private final Map<String, Set<Digest>> registered = new HashMap<>();
  private final Map<String, Long> versions = new HashMap<>();

  /** By task: the bundle that was registered last, empty once its retirement has begun. */
  private final Map<String, String> kept = new HashMap<>();

  @Test
  void open_afterEachOfManyKills_hasAllThatWasAcknowledged(@TempDir Path directory)
      throws Exception {
    long seed = System.nanoTime();
    System.err.println("StoreCrashTest: seed " + seed);
    Random random = new Random(seed);
    Path bundles = bundles(directory);
    int unregistered = 0;
    int kills = 0;
    long start = System.nanoTime();
    // On a busy machine most of the time goes into starting processes: fewer must do there.
    while (kills < FEWEST_KILLS || (kills < KILLS && System.nanoTime() - start < ENOUGH_NANOS)) {
      if (kills % KILLS == 0) {
        // Before its history is longer than a store keeps.
        registered.clear();
        versions.clear();
      }
      Path storeDirectory = directory.resolve("store-" + kills / KILLS);
      kills++;
      killOne(storeDirectory, bundles, random.nextInt(BUNDLES), random);
      try (BundleStore store =
          BundleStore.open(
              storeDirectory,
              BundleLimits.defaults(),
              StoreSettings.defaults().withKeptRevisions(Integer.MAX_VALUE),
              InstantSource.system())) {
        verify(store);
        unregistered += store.opened().unregistered().size();
      }
    }
    System.err.printf(
        "StoreCrashTest: %d kills, versions %s, %d unregistered files met%n",
        kills, versions, unregistered);
    assertThat(versions).hasSize(3);
  }

  /** The same with a store that forgets: what is left must be whole, and nothing else be left. */
  @Test
  void open_afterKillsOfAWriterThatForgets_hasWhatIsKeptAndNoOtherFile(@TempDir Path directory)
      throws Exception {
    long seed = System.nanoTime();
    System.err.println("StoreCrashTest: seed " + seed);
    Random random = new Random(seed);
    Path bundles = bundles(directory);
    Path storeDirectory = directory.resolve("store");
    for (int kill = 1; kill <= FORGETFUL_KILLS; kill++) {
      kept.clear();
      if (!killOne(storeDirectory, bundles, random.nextInt(BUNDLES), random, "forgetful")) {
        // A retirement may have begun that we did not read of.
        kept.clear();
      }
      try (BundleStore store =
          BundleStore.open(
              storeDirectory,
              BundleLimits.defaults(),
              StoreSettings.defaults().withKeptRevisions(2),
              InstantSource.system())) {
        assertThat(store.opened().damaged()).isEmpty();
        // One for each death between writing a file and noting it; the next writer may use it.
        assertThat(store.opened().unregistered()).hasSizeLessThanOrEqualTo(kill);
        for (TaskState task : store.tasks()) {
          // The two that are kept, and two more where the active one or the one before it is old.
          assertThat(task.revisions()).hasSizeBetween(1, 4);
          task.revisions().forEach(revision -> store.load(revision.digest()));
          Digest active = task.active();
          assertThat(active == null || task.revision(active).isPresent()).isTrue();
        }
        Set<String> names = store.tasks().stream().map(TaskState::name).collect(Collectors.toSet());
        kept.forEach(
            (task, digest) -> {
              if (!digest.isEmpty()) {
                assertThat(names).contains(task);
                assertThat(store.task(task).revision(new Digest(digest))).isPresent();
              }
            });
      }
    }
  }

  private static Path bundles(Path directory) throws IOException {
    Path bundles = Files.createDirectory(directory.resolve("bundles"));
    for (int i = 0; i < BUNDLES; i++) {
      BundleWriter.save(
          TestingBundles.small().seed(i).adaptAt(1 + i % 4, 2).build(),
          bundles.resolve(String.format("%03d.sluice", i)));
    }
    return bundles;
  }

  /**
   * Starts a writer, follows what it says it has done, and kills it after a random while.
   *
   * @return whether all it said was read
   */
  private boolean killOne(Path store, Path bundles, int first, Random random, String... more)
      throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                DoomedWriter.class.getName(),
                store.toString(),
                bundles.toString(),
                String.valueOf(first)));
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
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
      return true;
    } catch (IOException e) {
      // The pipe of a process that was killed may break while it is read; what was read counts.
      assertThat(e).hasMessageContaining("closed");
      return false;
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** A line cut short by the kill tells nothing. */
  private void note(String line) {
    String[] words = line == null ? new String[0] : line.split(" ");
    if (words.length == 3 && words[0].equals("registered") && words[2].length() == 64) {
      registered.computeIfAbsent(words[1], task -> new HashSet<>()).add(new Digest(words[2]));
      kept.put(words[1], words[2]);
    } else if (words.length == 2 && words[0].startsWith("retir")) {
      // Begun or done: it may be there or not.
      kept.put(words[1], "");
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
