package io.sluice.backbone.precision;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.TensorData;
import java.nio.ByteBuffer;

/**
 * The weight of a linear in 8 bits, symmetric, with a scale for each output.
 *
 * @param values int8 (inner, outer)
 * @param scales float32 (outer): what one unit of a column stands for
 */
record RoundedWeight(TensorData values, TensorData scales) {
  /**
   * Rounds to the nearest.
   *
   * @param weight (inner, outer), row by row; not kept
   */
  static RoundedWeight of(float[] weight, int inner, int outer) {
    float[] scales = scales(weight, inner, outer);
    ByteBuffer rounded = ByteBuffer.allocateDirect(inner * outer);
    for (int i = 0; i < inner * outer; i++) {
      rounded.put(i, (byte) Math.rint(weight[i] / scales[i % outer]));
    }
    return new RoundedWeight(
        TensorData.bytes(DataType.INT8, rounded, inner, outer), TensorData.floats(scales, outer));
  }

  private static float[] scales(float[] weight, int inner, int outer) {
    float[] scales = new float[outer];
    for (int k = 0; k < inner; k++) {
      for (int n = 0; n < outer; n++) {
        scales[n] = Math.max(scales[n], Math.abs(weight[k * outer + n]));
      }
    }
    for (int n = 0; n < outer; n++) {
      scales[n] = Math.max(scales[n], Int8Linears.LEAST_MAXIMUM) / Int8Linears.LARGEST;
    }
    return scales;
  }
}
