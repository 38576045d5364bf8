package io.sluice.registry.store;

import io.sluice.backbone.Digest;
import java.time.Instant;

/**
 * One bundle registered for a task.
 *
 * @param number 1, 2, 3 ... in the order of registration
 * @param digest the bundle's digest; occurs once per task
 * @param sizeBytes size of the bundle's file
 * @param registered when it was first registered
 * @param retired whether it may no longer be activated
 */
public record Revision(
    int number, Digest digest, long sizeBytes, Instant registered, boolean retired) {
  Revision withRetired(boolean now) {
    return new Revision(number, digest, sizeBytes, registered, now);
  }
}
