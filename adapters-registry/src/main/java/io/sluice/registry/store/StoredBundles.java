package io.sluice.registry.store;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.AdapterBundle;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The bundles of a store: their files, and in memory those that were written lately and not made
 * active since. Thread-safe.
 */
final class StoredBundles {
  /** A bundle in memory: its file, its entries, and their graphs beside them. */
  private static final int READ_BYTES_PER_BYTE = 3;

  private final Path directory;
  private final BlobDirectory blobs;
  private final TaskLedger ledger;
  private final BlobPins pins = new BlobPins();
  private final Cache<Digest, AdapterBundle> read;

  /** Writes down that a task has a bundle. */
  interface Registration<T> {
    T make() throws IOException;
  }

  /**
   * @param directory of the store, for messages
   * @param ledger says which bundles are registered
   * @param readBytes for the bundles in memory, about
   */
  StoredBundles(Path directory, BlobDirectory blobs, TaskLedger ledger, long readBytes) {
    this.directory = requireNonNull(directory, "directory");
    this.blobs = requireNonNull(blobs, "blobs");
    this.ledger = requireNonNull(ledger, "ledger");
    this.read =
        Caffeine.newBuilder()
            .maximumWeight(readBytes)
            .weigher(
                (Digest digest, AdapterBundle bundle) ->
                    (int)
                        Math.min(
                            Integer.MAX_VALUE, (long) READ_BYTES_PER_BYTE * bundle.sizeBytes()))
            .executor(Runnable::run)
            .build();
  }

  /**
   * Writes the bundle's file, if it is not there, and then registers it; no collection is between.
   */
  <T> T keep(AdapterBundle bundle, Registration<T> registration) throws IOException {
    Digest digest = bundle.digest();
    BlobPins.Pin pin = pins.pin(digest);
    try {
      boolean written = blobs.put(bundle);
      T registered = registration.make();
      if (written) {
        read.put(digest, bundle);
      }
      return registered;
    } finally {
      pin.close();
    }
  }

  /** As {@link BundleStore#load}. */
  AdapterBundle load(Digest digest) {
    AdapterBundle known = read.getIfPresent(digest);
    if (known != null && blobs.damage(digest).isEmpty()) {
      return known;
    }
    try {
      AdapterBundle bundle = blobs.read(digest);
      if (bundle.digest().equals(digest)) {
        return bundle;
      }
      throw damaged(
          blobs.file(digest) + ": digest " + bundle.digest() + " (expected: " + digest + ")", null);
    } catch (SluiceException e) {
      if (ledger.all().stream().noneMatch(task -> task.revision(digest).isPresent())) {
        throw new SluiceException(
            ErrorCode.NOT_FOUND,
            directory + ": bundle " + digest + " (expected: one that is registered)",
            e);
      }
      boolean told = e.code() == ErrorCode.DATA_LOSS || e.code() == ErrorCode.UNAVAILABLE;
      throw told ? e : damaged(String.valueOf(e.getMessage()), e);
    }
  }

  /** Requires that the bundle's file is whole; what is in memory of it goes. */
  void release(Digest digest) {
    blobs
        .damage(digest)
        .ifPresent(
            reason -> {
              throw damaged(reason, null);
            });
    read.invalidate(digest);
  }

  /** As {@link BundleStore#collect}. */
  CollectedBundles collect() throws IOException {
    CollectedBundles collected = BlobCollection.collect(ledger, blobs, pins);
    read.invalidateAll(collected.digests());
    return collected;
  }

  private static SluiceException damaged(String reason, @Nullable Throwable cause) {
    return new SluiceException(ErrorCode.DATA_LOSS, "stored bundle: " + reason, cause);
  }
}
