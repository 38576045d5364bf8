package io.sluice.trainer;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;

/** Training that has gone astray. */
final class TrainingFault {
  private TrainingFault() {}

  /** Ends a run whose gradients are no numbers any more. */
  static void requireFinite(double gradientNorm, int step) {
    if (!Double.isFinite(gradientNorm)) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "step "
              + step
              + ": gradient norm: "
              + gradientNorm
              + " (expected: finite; a lower learning rate helps)");
    }
  }
}
