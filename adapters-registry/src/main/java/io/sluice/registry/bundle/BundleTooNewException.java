package io.sluice.registry.bundle;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;

/** The bundle was written in a format newer than this reader knows: update Sluice. */
public final class BundleTooNewException extends SluiceException {
  private static final long serialVersionUID = 1;

  BundleTooNewException(String source, int found) {
    super(
        ErrorCode.FAILED_PRECONDITION,
        source
            + ": format version "
            + found
            + " (expected: "
            + BundleFormat.OLDEST_VERSION
            + ".."
            + BundleFormat.VERSION
            + "; a newer Sluice wrote it)");
  }
}
