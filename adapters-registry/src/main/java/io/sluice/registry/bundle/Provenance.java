package io.sluice.registry.bundle;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import java.util.Map;

/**
 * Where a bundle came from: all that its training was a function of.
 *
 * <p>Holds no wall-clock time and no host name, so that the same inputs give the same digest.
 *
 * @param data digest of the training data as read
 * @param seed seed of every random choice
 * @param hyperParameters settings by name, as text
 * @param versions versions by component, e.g. {@code sluice}, {@code onnxruntime}
 * @param jvm the Java runtime, e.g. {@code OpenJDK 17.0.15+6}
 * @param os operating system and processor architecture, e.g. {@code Linux amd64}
 */
public record Provenance(
    Digest data,
    long seed,
    Map<String, String> hyperParameters,
    Map<String, String> versions,
    String jvm,
    String os) {
  /** Checks the texts and copies the maps, sorted. */
  public Provenance {
    requireNonNull(data, "data");
    hyperParameters = Checks.sortedTexts("hyper_parameters", hyperParameters);
    versions = Checks.sortedTexts("versions", versions);
    Checks.text("jvm", jvm);
    Checks.text("os", os);
  }

  /** Provenance on this machine: {@code jvm} and {@code os} are those of this process. */
  public static Provenance here(
      Digest data, long seed, Map<String, String> hyperParameters, Map<String, String> versions) {
    return new Provenance(
        data,
        seed,
        hyperParameters,
        versions,
        System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"));
  }
}
