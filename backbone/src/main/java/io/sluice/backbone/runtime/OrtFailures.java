package io.sluice.backbone.runtime;

import ai.onnxruntime.OrtException;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;

/** The translation of ONNX Runtime's failures, made here and nowhere else. */
final class OrtFailures {
  private OrtFailures() {}

  /** A model that does not open: the model is at fault unless the runtime says otherwise. */
  static SluiceException opening(OrtException e) {
    ErrorCode code =
        switch (e.getCode()) {
          case ORT_NO_SUCHFILE -> ErrorCode.NOT_FOUND;
          case ORT_EP_FAIL, ORT_ENGINE_ERROR, ORT_JAVA_UNKNOWN -> ErrorCode.INTERNAL;
          default -> ErrorCode.INVALID_ARGUMENT;
        };
    return new SluiceException(code, "model: refused by ONNX Runtime: " + e.getMessage(), e);
  }

  /** A run that fails: what was fed in is at fault only where the runtime says so. */
  static SluiceException running(OrtException e) {
    ErrorCode code =
        e.getCode() == OrtException.OrtErrorCode.ORT_INVALID_ARGUMENT
            ? ErrorCode.INVALID_ARGUMENT
            : ErrorCode.INTERNAL;
    return new SluiceException(code, "run: failed in ONNX Runtime: " + e.getMessage(), e);
  }

  /** Anything else, which only a defect can cause. */
  static SluiceException internal(String what, OrtException e) {
    return new SluiceException(
        ErrorCode.INTERNAL, what + ": failed in ONNX Runtime: " + e.getMessage(), e);
  }
}
