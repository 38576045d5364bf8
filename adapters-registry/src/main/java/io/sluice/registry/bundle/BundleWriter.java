package io.sluice.registry.bundle;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import io.sluice.backbone.DurableFiles;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.OnnxFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Makes bundles, in memory and on disk. Stateless and thread-safe.
 *
 * <p>What it makes it also reads back before anybody gets it, so that a bundle its own reader would
 * refuse never leaves.
 */
public final class BundleWriter {
  private BundleWriter() {}

  /**
   * Makes a bundle; equal arguments give equal bytes.
   *
   * @param manifest must agree with the graphs, see {@link BundleFormat}
   * @param points adapter subgraphs by insertion point, maybe none
   * @param head the head
   * @param probe rows with the logits they must give
   * @param attachments contents of {@code report.html}, {@code structure.svg}; others are refused
   * @throws BundleCorruptException when these do not make a legal bundle
   */
  public static AdapterBundle write(
      Manifest manifest,
      Map<Integer, Graph> points,
      Graph head,
      Probe probe,
      Map<String, byte[]> attachments) {
    SortedMap<String, byte[]> entries = new TreeMap<>();
    for (var attachment : attachments.entrySet()) {
      if (!BundleFormat.isAttachment(attachment.getKey())) {
        throw new IllegalArgumentException(
            "attachments: "
                + Checks.printable(attachment.getKey())
                + " (expected: "
                + BundleFormat.REPORT
                + " or "
                + BundleFormat.DRAWING
                + ")");
      }
      entries.put(attachment.getKey(), attachment.getValue().clone());
    }
    entries.put(BundleFormat.FORMAT, BundleHeader.CONTENT.getBytes(US_ASCII));
    entries.put(BundleFormat.MANIFEST, ManifestJson.encode(requireNonNull(manifest, "manifest")));
    points.forEach(
        (point, graph) -> entries.put(BundleFormat.pointEntry(point), OnnxFormat.write(graph)));
    entries.put(BundleFormat.HEAD, OnnxFormat.write(requireNonNull(head, "head")));
    entries.put(BundleFormat.PROBE, ProbeFormat.encode(requireNonNull(probe, "probe")));
    entries.put(BundleFormat.SUMS, Checksums.encode(entries));
    return assemble(entries, BundleLimits.defaults());
  }

  /**
   * Writes a bundle to a file, all or nothing. An existing file is replaced. An interrupt does not
   * keep it from ending, see {@link DurableFiles}.
   */
  public static void save(AdapterBundle bundle, Path file) {
    try {
      DurableFiles.replace(file, bundle.sharedBytes());
    } catch (IOException | UncheckedIOException e) {
      throw new SluiceException(
          ErrorCode.UNAVAILABLE, file + ": not written: " + e.getMessage(), e);
    }
  }

  static AdapterBundle assemble(SortedMap<String, byte[]> entries, BundleLimits limits) {
    return BundleReader.read(StoredZip.encode(entries), "new bundle", limits);
  }
}
