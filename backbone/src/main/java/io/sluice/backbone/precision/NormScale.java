package io.sluice.backbone.precision;

import io.sluice.backbone.graph.TensorData;
import java.util.List;

/**
 * The constant quantisation of a layer norm's output x: channel c is divided by s_c and rounded in
 * steps of one size; the rows of the weights that read it are multiplied by s_c before they are
 * rounded (SmoothQuant, Xiao et al. 2023). With a_c the largest magnitude seen in a channel and w_c
 * the largest weight it meets
 *
 * <pre>
 *   s_c = a_c^0.85 / w_c^0.15,  step = 1.2 max_c (a_c / s_c) / 127
 * </pre>
 *
 * @param channels s, as many as x has channels
 * @param step one unit of what is rounded
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
record NormScale(float[] channels, float step) {
  /** How far the channels are made alike, at the cost of the weights'. */
  private static final double ALIKE = 0.85;

  /** Other texts get larger than the sample. */
  private static final double ROOM = 1.2;

  private static final double LEAST = 1e-6;

  /**
   * @param largest a
   * @param weights of the linears that read x, each (channels, outputs)
   */
  static NormScale of(float[] largest, List<TensorData> weights) {
    double[] weight = new double[largest.length];
    for (TensorData one : weights) {
      float[] values = one.toFloats();
      int outputs = values.length / largest.length;
      for (int i = 0; i < values.length; i++) {
        weight[i / outputs] = Math.max(weight[i / outputs], Math.abs(values[i]));
      }
    }
    float[] channels = new float[largest.length];
    double most = LEAST;
    for (int c = 0; c < channels.length; c++) {
      double range = Math.max(largest[c], LEAST);
      channels[c] =
          (float) (Math.pow(range, ALIKE) / Math.pow(Math.max(weight[c], LEAST), 1 - ALIKE));
      most = Math.max(most, range / channels[c]);
    }
    return new NormScale(channels, (float) (ROOM * most / Int8Linears.LARGEST));
  }

  /** Values of x, or of what is added to it, in the units that are rounded. */
  TensorData divided(TensorData values) {
    float[] divided = values.toFloats();
    for (int c = 0; c < divided.length; c++) {
      divided[c] /= channels[c];
    }
    return TensorData.floats(divided, values.shape());
  }

  /** 1 / s. */
  TensorData inverse() {
    float[] inverse = new float[channels.length];
    for (int c = 0; c < inverse.length; c++) {
      inverse[c] = 1 / channels[c];
    }
    return TensorData.floats(inverse, inverse.length);
  }

  /** Weights (channels, outputs) for x in the units that are rounded. */
  void multiply(float[] weights) {
    int outputs = weights.length / channels.length;
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= channels[i / outputs];
    }
  }
}
