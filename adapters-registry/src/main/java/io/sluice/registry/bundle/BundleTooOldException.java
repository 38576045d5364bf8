package io.sluice.registry.bundle;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;

/** The bundle was written in a format this reader no longer knows: train or convert it again. */
public final class BundleTooOldException extends SluiceException {
  private static final long serialVersionUID = 1;

  BundleTooOldException(String source, int found) {
    super(
        ErrorCode.FAILED_PRECONDITION,
        source
            + ": format version "
            + found
            + " (expected: "
            + BundleFormat.OLDEST_VERSION
            + ".."
            + BundleFormat.VERSION
            + "; this Sluice no longer reads it)");
  }
}
