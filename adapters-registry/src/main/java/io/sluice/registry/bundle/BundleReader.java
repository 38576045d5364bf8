package io.sluice.registry.bundle;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.Graph;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads bundles and believes nothing: version, container, checksums, signature, manifest, graphs
 * and their agreement are checked, in this order. Stateless and thread-safe.
 */
public final class BundleReader {
  private BundleReader() {}

  /**
   * Reads a file.
   *
   * @throws BundleTooOldException when the format is no longer read
   * @throws BundleTooNewException when the format is not yet known
   * @throws BundleCorruptException when it is not an intact, legal bundle within the limits
   * @throws SluiceException NOT_FOUND when there is no such file
   */
  public static AdapterBundle read(Path file, BundleLimits limits) {
    return read(contentOf(file, limits), file.toString(), limits);
  }

  /** Reads bytes, which the bundle keeps no hold of; exceptions as for a file. */
  public static AdapterBundle read(byte[] bytes, BundleLimits limits) {
    return read(bytes.clone(), "bundle", limits);
  }

  /** The digest of a file whose container and checksums are intact; graphs are not looked at. */
  public static Digest verify(Path file, BundleLimits limits) {
    Place place = new Place(file.toString(), "");
    return Digest.of(sums(container(contentOf(file, limits), place, limits)));
  }

  /** Reads bytes that nobody else will change. */
  static AdapterBundle read(byte[] bytes, String source, BundleLimits limits) {
    Place place = new Place(source, "");
    SortedMap<String, byte[]> entries = container(bytes, place, limits);
    BundleSignature signature = signature(entries, place);
    Manifest manifest =
        ManifestJson.decode(
            required(entries, BundleFormat.MANIFEST, place), place.entry(BundleFormat.MANIFEST));
    SortedMap<Integer, Graph> points = new TreeMap<>();
    entries.forEach(
        (name, content) -> {
          int point = BundleFormat.pointOf(name);
          if (point > 0) {
            Place at = place.entry(name);
            Graph graph = GraphReader.read(content, at, limits);
            AdapterAbi.requirePoint(graph, manifest, at);
            points.put(point, graph);
          }
        });
    Place atHead = place.entry(BundleFormat.HEAD);
    Graph head = GraphReader.read(required(entries, BundleFormat.HEAD, place), atHead, limits);
    AdapterAbi.requireHead(head, manifest, atHead);
    Agreement.require(manifest, points, head, place.entry(BundleFormat.MANIFEST));
    return new AdapterBundle(
        Digest.of(sums(entries)),
        manifest,
        points,
        head,
        probe(entries, manifest, place, limits),
        signature,
        entries,
        bytes);
  }

  private static SortedMap<String, byte[]> container(
      byte[] bytes, Place place, BundleLimits limits) {
    if (bytes.length > limits.maxBundleBytes()) {
      throw place.corrupt(bytes.length + " bytes", "at most " + limits.maxBundleBytes());
    }
    BundleHeader.verify(bytes, place.source());
    SortedMap<String, byte[]> entries = StoredZip.decode(bytes, place, limits);
    Checksums.verify(entries, place);
    byte[] format = required(entries, BundleFormat.FORMAT, place);
    if (!Arrays.equals(format, BundleHeader.CONTENT.getBytes(US_ASCII))) {
      throw place
          .entry(BundleFormat.FORMAT)
          .corrupt(
              Checks.printable(new String(format, US_ASCII)),
              Checks.printable(BundleHeader.CONTENT));
    }
    return entries;
  }

  private static Probe probe(
      SortedMap<String, byte[]> entries, Manifest manifest, Place place, BundleLimits limits) {
    Place at = place.entry(BundleFormat.PROBE);
    Probe probe = ProbeFormat.decode(required(entries, BundleFormat.PROBE, place), at);
    if (probe.rows() > limits.maxProbeRows()) {
      throw at.corrupt(probe.rows() + " rows", "at most " + limits.maxProbeRows());
    }
    try {
      probe.requireFits(manifest);
    } catch (IllegalArgumentException e) {
      throw at.corrupt(String.valueOf(e.getMessage()), "rows as the manifest says", e);
    }
    return probe;
  }

  private static @Nullable BundleSignature signature(
      SortedMap<String, byte[]> entries, Place place) {
    byte[] entry = entries.get(BundleFormat.SIGNATURE);
    return entry == null
        ? null
        : BundleSignature.verified(entry, sums(entries), place.entry(BundleFormat.SIGNATURE));
  }

  private static byte[] sums(SortedMap<String, byte[]> entries) {
    return requireNonNull(entries.get(BundleFormat.SUMS));
  }

  private static byte[] required(SortedMap<String, byte[]> entries, String name, Place place) {
    byte[] content = entries.get(name);
    if (content == null) {
      throw place.corrupt("no entry " + name, "one");
    }
    return content;
  }

  private static byte[] contentOf(Path file, BundleLimits limits) {
    try (InputStream in = Files.newInputStream(file)) {
      // One byte more than allowed tells a file that grows from one that fits.
      int most = (int) Math.min(limits.maxBundleBytes() + 1, Integer.MAX_VALUE - 8);
      if (Files.size(file) > limits.maxBundleBytes()) {
        throw new Place(file.toString(), "")
            .corrupt(Files.size(file) + " bytes", "at most " + limits.maxBundleBytes());
      }
      return in.readNBytes(most);
    } catch (NoSuchFileException e) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND, file + ": no such file (expected: a bundle)", e);
    } catch (IOException e) {
      if (Files.isDirectory(file)) {
        throw new Place(file.toString(), "").corrupt("a directory", "a bundle's file", e);
      }
      throw new SluiceException(
          ErrorCode.UNAVAILABLE,
          file + ": not read: " + e.getMessage() + " (expected: a bundle)",
          e);
    }
  }
}
