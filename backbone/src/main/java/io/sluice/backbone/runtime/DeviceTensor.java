package io.sluice.backbone.runtime;

import ai.onnxruntime.OnnxTensor;
import io.sluice.backbone.graph.DataType;

/**
 * A tensor in memory that Java cannot see: sessions of that device read and write it in place, and
 * {@link TensorRegion} copies what is in it.
 */
public final class DeviceTensor extends Tensor {
  /**
   * For those who make device memory: a tensor over a native one.
   *
   * @param tensor taken over, freed by {@link #close}
   */
  public DeviceTensor(OnnxRuntime runtime, OnnxTensor tensor, DataType type, long[] shape) {
    super(runtime, tensor, type, shape);
  }

  @Override
  boolean isReadOnly() {
    return false;
  }
}
