package io.sluice.registry.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.testing.TestingBundles;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The clock of the wall jumps by decades between changes, forth and back: times in the history are
 * then wrong, and nothing else is. The oracle is a store whose clock stands still.
 */
class StoreClockTest {
  private static final StoreSettings THREE = new StoreSettings(3, 6, 1 << 20);
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final int CHANGES = 60;
  private static final int DAYS = 20_000;

  private static final List<AdapterBundle> BUNDLES =
      IntStream.range(0, 6)
          .mapToObj(seed -> TestingBundles.small().seed(seed).adaptAt(2, 2).build())
          .toList();

  @Test
  void changes_clockJumps_areInTheOrderTheyWereMade(@TempDir Path jumping, @TempDir Path still) {
    long seed = System.nanoTime();
    System.err.println("StoreClockTest: seed " + seed);
    Random random = new Random(seed);
    Random jumps = new Random(seed + 1);
    InstantSource clock = () -> NOON.plus(Duration.ofDays(jumps.nextInt(2 * DAYS) - DAYS));
    try (BundleStore found = open(jumping, clock);
        BundleStore expected = open(still, InstantSource.fixed(NOON))) {
      for (int i = 0; i < CHANGES; i++) {
        AdapterBundle bundle = BUNDLES.get(random.nextInt(BUNDLES.size()));
        boolean back = random.nextInt(3) == 0;
        change(found, bundle, back);
        change(expected, bundle, back);
        assertThat(timeless(found.task("film"))).isEqualTo(timeless(expected.task("film")));
      }
    }
    try (BundleStore found = open(jumping, clock);
        BundleStore expected = open(still, InstantSource.fixed(NOON))) {
      assertThat(timeless(found.task("film"))).isEqualTo(timeless(expected.task("film")));
      assertThat(found.opened().damaged()).isEmpty();
    }
  }

  private static void change(BundleStore store, AdapterBundle bundle, boolean back) {
    store.register("film", bundle);
    if (back && store.task("film").rollbackTarget().isPresent()) {
      store.rollback("film");
    } else {
      store.activate("film", bundle.digest(), null);
    }
  }

  private static BundleStore open(Path directory, InstantSource clock) {
    return BundleStore.open(directory, BundleLimits.defaults(), THREE, clock);
  }

  /** All that it says but when. */
  private static TaskState timeless(TaskState task) {
    return new TaskState(
        task.name(),
        task.kind(),
        task.version(),
        task.active(),
        task.revisions().stream()
            .map(r -> new Revision(r.number(), r.digest(), r.sizeBytes(), NOON, r.retired()))
            .toList(),
        task.history().stream()
            .map(a -> new Activation(a.version(), a.digest(), a.previous(), a.cause(), NOON))
            .toList());
  }
}
