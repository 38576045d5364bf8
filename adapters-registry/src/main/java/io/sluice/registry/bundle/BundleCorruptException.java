package io.sluice.registry.bundle;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import org.jspecify.annotations.Nullable;

/** The bytes are not a bundle, or not an intact or legal one. Says which entry, found, expected. */
public final class BundleCorruptException extends SluiceException {
  private static final long serialVersionUID = 1;

  private final String entry;

  BundleCorruptException(
      String source, String entry, String found, String expected, @Nullable Throwable cause) {
    this(ErrorCode.INVALID_ARGUMENT, source, entry, found, expected, cause);
  }

  BundleCorruptException(
      ErrorCode code,
      String source,
      String entry,
      String found,
      String expected,
      @Nullable Throwable cause) {
    super(
        code,
        source
            + (entry.isEmpty() ? "" : ": " + entry)
            + ": "
            + found
            + " (expected: "
            + expected
            + ")",
        cause);
    this.entry = entry;
  }

  /** The entry at fault, empty when it is the container itself. */
  public String entry() {
    return entry;
  }
}
