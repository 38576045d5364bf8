package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.runtime.OnnxRuntime;

/** Which operators a backward pass may be written in. */
public enum Operators {
  /** Those of every build of ONNX Runtime. */
  STOCK,
  /** Those of {@link io.sluice.backbone.runtime.DeviceOperators} too. */
  DEVICE;

  /** What sessions of a runtime know. */
  public static Operators of(OnnxRuntime runtime) {
    return runtime.settings().device().isCuda() && runtime.whyNoDeviceOperators() == null
        ? DEVICE
        : STOCK;
  }
}
