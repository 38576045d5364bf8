package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;

/**
 * What a server says it did to make a bundle answer.
 *
 * @param digest the bundle
 * @param generation of the first registry snapshot that has it
 * @param compiledStructures distinct structures it had to compile; 0 when all were known
 * @param residentBytes native and direct memory the task's weights take
 */
public record ActivationOutcome(
    Digest digest, long generation, int compiledStructures, long residentBytes) {
  public ActivationOutcome {
    requireNonNull(digest, "digest");
  }
}
