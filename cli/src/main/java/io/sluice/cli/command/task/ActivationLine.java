package io.sluice.cli.command.task;

import io.sluice.proto.v1.Activation;
import java.util.Locale;

/** What an activation did, in one line. */
final class ActivationLine {
  private static final int SHORT_DIGEST = "sha256:".length() + 12;

  private ActivationLine() {}

  static String of(String task, Activation activation) {
    return String.format(
        Locale.ROOT,
        "%s: %s answers from generation %d on (before: %s); probe difference %.1e, %d structures"
            + " compiled",
        task,
        shortForm(activation.getDigest()),
        activation.getGeneration(),
        activation.getPreviousDigest().isEmpty()
            ? "none"
            : shortForm(activation.getPreviousDigest()),
        activation.getProbeDifference(),
        activation.getCompiledStructures());
  }

  private static String shortForm(String digest) {
    return digest.substring(0, Math.min(digest.length(), SHORT_DIGEST));
  }
}
