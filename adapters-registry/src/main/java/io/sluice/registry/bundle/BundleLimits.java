package io.sluice.registry.bundle;

/**
 * How much a reader is ready to take in; checked against the headers before any content is touched.
 *
 * @param maxBundleBytes size of the file
 * @param maxEntries entries in the container
 * @param maxGraphBytes one {@code .onnx} entry
 * @param maxManifestBytes {@code manifest.json}; also bounds {@code SHA256SUMS}
 * @param maxProbeBytes {@code probe.bin}
 * @param maxAttachmentBytes one report or drawing
 * @param maxProbeRows rows of the probe, all of which are run before a bundle is served
 * @param maxNodes nodes of one graph
 * @param maxElementsPerToken elements that any tensor a graph computes may have for each token (or
 *     row, or in all), as far as its shape can be told without running it
 */
public record BundleLimits(
    long maxBundleBytes,
    int maxEntries,
    long maxGraphBytes,
    long maxManifestBytes,
    long maxProbeBytes,
    long maxAttachmentBytes,
    int maxProbeRows,
    int maxNodes,
    long maxElementsPerToken) {

  private static final BundleLimits DEFAULTS =
      new BundleLimits(
          256L << 20, 512, 64L << 20, 1L << 20, 16L << 20, 16L << 20, 256, 2_000, 1L << 18);

  /** Checks that every limit is positive and that a bundle fits one Java array. */
  public BundleLimits {
    Checks.range("max_bundle_bytes", maxBundleBytes, 1, Integer.MAX_VALUE - 8);
    Checks.range("max_entries", maxEntries, 1, BundleFormat.MAX_ENTRIES);
    Checks.range("max_graph_bytes", maxGraphBytes, 1, Integer.MAX_VALUE - 8);
    Checks.range("max_manifest_bytes", maxManifestBytes, 1, Integer.MAX_VALUE - 8);
    Checks.range("max_probe_bytes", maxProbeBytes, 1, Integer.MAX_VALUE - 8);
    Checks.range("max_attachment_bytes", maxAttachmentBytes, 1, Integer.MAX_VALUE - 8);
    Checks.range("max_probe_rows", maxProbeRows, 1, Integer.MAX_VALUE);
    Checks.range("max_nodes", maxNodes, 1, Integer.MAX_VALUE);
    Checks.range("max_elements_per_token", maxElementsPerToken, 1, Long.MAX_VALUE);
  }

  /**
   * 256 MiB in all, 512 entries, 64 MiB a graph, 1 MiB of manifest, 16 MiB and 256 rows of probe.
   */
  public static BundleLimits defaults() {
    return DEFAULTS;
  }
}
