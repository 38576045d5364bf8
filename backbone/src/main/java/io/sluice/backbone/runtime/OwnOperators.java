package io.sluice.backbone.runtime;

import static java.util.Objects.requireNonNull;

import ai.onnxruntime.OrtSession;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import org.jspecify.annotations.Nullable;

/** The {@link DeviceOperators} of a runtime, made when first asked for. Thread-safe. */
final class OwnOperators {
  private final Device device;
  private @Nullable DeviceOperators made;
  private @Nullable String missing;

  OwnOperators(Device device) {
    this.device = requireNonNull(device, "device");
  }

  /** Why there are none; null if there are. */
  synchronized @Nullable String missing() {
    if (made == null && missing == null) {
      make();
    }
    return missing;
  }

  /**
   * Adds them.
   *
   * @throws SluiceException FAILED_PRECONDITION saying why there are none
   */
  synchronized void addTo(OrtSession.SessionOptions options) {
    String why = missing();
    if (why != null) {
      throw new SluiceException(ErrorCode.FAILED_PRECONDITION, why);
    }
    requireNonNull(made).addTo(options);
  }

  private void make() {
    if (!(device instanceof Device.Cuda cuda)) {
      missing = "device operators: " + device + " (expected: a GPU)";
      return;
    }
    try {
      made = DeviceMemories.operators(cuda);
    } catch (SluiceException e) {
      missing = requireNonNull(e.getMessage());
    }
  }
}
