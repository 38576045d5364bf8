package io.sluice.registry.store;

/**
 * How much a store keeps.
 *
 * @param keptRevisions revisions of a task; when one more is registered, the oldest go, but never
 *     the active one nor the one a rollback would go back to
 * @param keptActivations activations in a task's history
 * @param readBundleBytes heap, about, for bundles that were registered and not activated yet, so
 *     that their activation need not read them
 */
public record StoreSettings(int keptRevisions, int keptActivations, long readBundleBytes) {
  private static final int DEFAULT_REVISIONS = 10;
  private static final int DEFAULT_ACTIVATIONS = 1_000;
  private static final long DEFAULT_BUNDLE_BYTES = 32L << 20;

  /** Checks that a rollback has something to go back to. */
  public StoreSettings {
    if (keptRevisions < 2) {
      throw new IllegalArgumentException("keptRevisions: " + keptRevisions + " (expected: >= 2)");
    }
    if (keptActivations < 2) {
      throw new IllegalArgumentException(
          "keptActivations: " + keptActivations + " (expected: >= 2)");
    }
    if (readBundleBytes < 0) {
      throw new IllegalArgumentException(
          "readBundleBytes: " + readBundleBytes + " (expected: >= 0)");
    }
  }

  /** 10 revisions, 1,000 activations, 32 MiB. */
  public static StoreSettings defaults() {
    return new StoreSettings(DEFAULT_REVISIONS, DEFAULT_ACTIVATIONS, DEFAULT_BUNDLE_BYTES);
  }

  /** The same with another number of revisions. */
  public StoreSettings withKeptRevisions(int revisions) {
    return new StoreSettings(revisions, keptActivations, readBundleBytes);
  }
}
