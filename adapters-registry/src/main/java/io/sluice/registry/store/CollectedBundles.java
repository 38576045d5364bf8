package io.sluice.registry.store;

import io.sluice.backbone.Digest;
import java.util.List;

/**
 * Bundles whose files were deleted because no task has them any more.
 *
 * @param sizeBytes size of those files
 */
public record CollectedBundles(List<Digest> digests, long sizeBytes) {
  /** Copies the list. */
  public CollectedBundles {
    digests = List.copyOf(digests);
  }
}
