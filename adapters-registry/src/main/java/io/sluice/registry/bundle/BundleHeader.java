package io.sluice.registry.bundle;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The first bytes of a bundle, which say that it is one and of which version.
 *
 * <p>They are the zip's first local header and the content of {@code FORMAT}, at fixed places in
 * every version, so that a reader can tell "too new" from "broken" without knowing the rest.
 */
final class BundleHeader {
  static final String CONTENT = "sluice-bundle " + BundleFormat.VERSION + "\n";

  private static final int BYTES = 64;
  private static final Pattern HEADER =
      Pattern.compile("PK\u0003\u0004.{26}FORMATsluice-bundle (\\d{1,9})\n.*", Pattern.DOTALL);

  private BundleHeader() {}

  /** Requires the header of a bundle whose version this code reads. */
  static void verify(byte[] bytes, String source) {
    Matcher header =
        HEADER.matcher(new String(bytes, 0, Math.min(bytes.length, BYTES), ISO_8859_1));
    if (!header.matches()) {
      throw new Place(source, "")
          .corrupt(
              bytes.length + " bytes without a bundle's header",
              "a zip whose first entry is " + BundleFormat.FORMAT + ", \"sluice-bundle N\"");
    }
    int version = Integer.parseInt(header.group(1));
    if (version > BundleFormat.VERSION) {
      throw new BundleTooNewException(source, version);
    }
    if (version < BundleFormat.OLDEST_VERSION) {
      throw new BundleTooOldException(source, version);
    }
  }
}
