package io.sluice.registry.bundle;

import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;

/** The bundle was trained on another backbone than the one at hand. */
public final class BackboneMismatchException extends SluiceException {
  private static final long serialVersionUID = 1;

  BackboneMismatchException(Digest bundle, Digest here, String hereName, Manifest manifest) {
    super(
        ErrorCode.FAILED_PRECONDITION,
        "bundle "
            + bundle.shortForm()
            + ": backbone "
            + hereName
            + " "
            + here
            + " (expected: "
            + manifest.backboneName()
            + " "
            + manifest.backbone()
            + ", on which the bundle was trained)");
  }
}
