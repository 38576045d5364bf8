package io.sluice.registry.store;

import io.sluice.backbone.Digest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One change of a task's active revision.
 *
 * @param version the task's version that this change made
 * @param digest the bundle that became active
 * @param previous the bundle that was active until then, {@code null} at the first activation
 * @param cause how it came about
 * @param at when
 */
public record Activation(
    long version, Digest digest, @Nullable Digest previous, Cause cause, Instant at) {

  /** How a revision became the active one. */
  public enum Cause {
    /** Somebody named it. */
    ACTIVATED,
    /** It was the one before. */
    ROLLED_BACK
  }
}
