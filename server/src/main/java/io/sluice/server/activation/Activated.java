package io.sluice.server.activation;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an activation did.
 *
 * @param generation requests admitted from it on are answered by the new bundle
 * @param previous what was active before; null when nothing was
 * @param compiledStructures structures nobody had used before
 * @param residentBytes direct memory the task's weights take
 * @param probeDifference largest difference from the bundle's probe vectors
 * @param build time to load the weights and compile what was new
 * @param probe time to compute the probe in the serving engine
 */
public record Activated(
    long generation,
    Digest digest,
    @Nullable Digest previous,
    int compiledStructures,
    long residentBytes,
    double probeDifference,
    Duration build,
    Duration probe) {
  public Activated {
    requireNonNull(digest, "digest");
    requireNonNull(build, "build");
    requireNonNull(probe, "probe");
  }
}
