package io.sluice.backbone.importer;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;

/** The exception that says why a model cannot be a backbone. */
final class Refusal {
  private Refusal() {}

  static SluiceException of(String reason) {
    return new SluiceException(ErrorCode.INVALID_ARGUMENT, reason);
  }
}
