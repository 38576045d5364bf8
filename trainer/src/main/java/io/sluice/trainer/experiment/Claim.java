package io.sluice.trainer.experiment;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * Something said of two variants that results bear out or not.
 *
 * @param subject the variant of which it is said
 * @param against the variant it is compared with
 * @param within points that it may be below the other; {@code null}: one standard deviation of the
 *     difference
 */
public record Claim(String subject, String against, @Nullable Double within) {
  public Claim {
    requireNonNull(subject, "subject");
    requireNonNull(against, "against");
  }
}
