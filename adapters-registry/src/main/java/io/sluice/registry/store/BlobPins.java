package io.sluice.registry.store;

import io.sluice.backbone.Digest;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * The bundles on their way in: between the look whether a file is there and the row that names it,
 * nobody may delete it. Thread-safe.
 */
final class BlobPins {
  private final Map<Digest, Integer> pins = new HashMap<>();

  /** Holds a file in its place until closed; waits for a deletion under way. */
  final class Pin implements AutoCloseable {
    private final Digest digest;

    private Pin(Digest digest) {
      this.digest = digest;
    }

    @Override
    public void close() {
      synchronized (BlobPins.this) {
        pins.computeIfPresent(digest, (key, count) -> count == 1 ? null : count - 1);
      }
    }
  }

  synchronized Pin pin(Digest digest) {
    pins.merge(digest, 1, Integer::sum);
    return new Pin(digest);
  }

  /** Deletes unless somebody needs the file; returns whether it was deleted. */
  synchronized boolean deleteUnlessPinned(Digest digest, Deletion deletion) throws IOException {
    if (pins.containsKey(digest)) {
      return false;
    }
    deletion.run();
    return true;
  }

  /** Deletes one file. */
  interface Deletion {
    void run() throws IOException;
  }
}
