package io.sluice.server.rehearsal;

import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.store.BundleStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A store in a temporary directory, which goes with it. */
final class RehearsalStore implements AutoCloseable {
  private final Path directory;
  private final BundleStore store;

  RehearsalStore(BundleLimits limits) {
    try {
      directory = Files.createTempDirectory("sluice-rehearsal");
      store = BundleStore.open(directory, limits, InstantSource.system());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  BundleStore store() {
    return store;
  }

  @Override
  public void close() {
    store.close();
    try (Stream<Path> all = Files.walk(directory)) {
      List<Path> contents = all.sorted(Comparator.reverseOrder()).toList();
      for (Path entry : contents) {
        Files.delete(entry);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
