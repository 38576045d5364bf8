package io.sluice.registry.bundle;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.sluice.backbone.Digest;
import java.util.Arrays;
import java.util.SortedMap;

/** Codec of {@code SHA256SUMS}: one line per entry that the digest of a bundle covers. */
final class Checksums {
  private Checksums() {}

  static byte[] encode(SortedMap<String, byte[]> entries) {
    StringBuilder lines = new StringBuilder();
    entries.forEach(
        (name, content) -> {
          if (covers(name)) {
            lines.append(Digest.of(content).hex()).append("  ").append(name).append('\n');
          }
        });
    return lines.toString().getBytes(US_ASCII);
  }

  /** Requires that the list is exactly the one of these entries. */
  static void verify(SortedMap<String, byte[]> entries, Place place) {
    byte[] found = entries.get(BundleFormat.SUMS);
    if (found == null) {
      throw place.corrupt("no entry " + BundleFormat.SUMS, "one");
    }
    byte[] expected = encode(entries);
    if (Arrays.equals(found, expected)) {
      return;
    }
    String[] foundLines = new String(found, US_ASCII).split("\n", -1);
    String[] expectedLines = new String(expected, US_ASCII).split("\n", -1);
    int line = Arrays.mismatch(foundLines, expectedLines);
    throw place
        .entry(BundleFormat.SUMS)
        .corrupt(
            "line " + (line + 1) + " " + Checks.printable(at(foundLines, line)),
            Checks.printable(at(expectedLines, line)) + ", from the entry's content");
  }

  private static boolean covers(String name) {
    return !name.equals(BundleFormat.SUMS) && !name.equals(BundleFormat.SIGNATURE);
  }

  private static String at(String[] lines, int index) {
    return index < lines.length ? lines[index] : "";
  }
}
