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
 * @param maxNodes nodes of one graph
 */
public record BundleLimits(
    long maxBundleBytes,
    int maxEntries,
    long maxGraphBytes,
    long maxManifestBytes,
    long maxProbeBytes,
    long maxAttachmentBytes,
    int maxNodes) {

  private static final BundleLimits DEFAULTS =
      new BundleLimits(256L << 20, 512, 64L << 20, 1L << 20, 16L << 20, 16L << 20, 2_000);

  /** Checks that every limit is positive and that a bundle fits one Java array. */
  public BundleLimits {
    Checks.range("max_bundle_bytes", maxBundleBytes, 1, Integer.MAX_VALUE - 8);
    Checks.range("max_entries", maxEntries, 1, BundleFormat.MAX_ENTRIES);
    Checks.range("max_graph_bytes", maxGraphBytes, 1, Integer.MAX_VALUE - 8);
    Checks.range("max_manifest_bytes", maxManifestBytes, 1, Integer.MAX_VALUE - 8);
    Checks.range("max_probe_bytes", maxProbeBytes, 1, Integer.MAX_VALUE - 8);
    Checks.range("max_attachment_bytes", maxAttachmentBytes, 1, Integer.MAX_VALUE - 8);
    Checks.range("max_nodes", maxNodes, 1, Integer.MAX_VALUE);
  }

  /** 256 MiB in all, 512 entries, 64 MiB a graph, 1 MiB of manifest, 16 MiB of probe. */
  public static BundleLimits defaults() {
    return DEFAULTS;
  }
}
