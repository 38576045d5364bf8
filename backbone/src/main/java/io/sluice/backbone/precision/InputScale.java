package io.sluice.backbone.precision;

import io.sluice.backbone.graph.TensorData;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The constant quantisation of a linear's input x: channel c is divided by s_c and rounded in steps
 * of one size; the rows of the weights that read it are multiplied by s_c before they are rounded
 * (SmoothQuant, Xiao et al. 2023). With a_c the largest magnitude seen in a channel, l_c to h_c all
 * that was seen, and w_c the largest weight it meets
 *
 * <pre>
 *   s_c = a_c^0.85 / w_c^0.15,  step = 1.2 (max_c (h_c / s_c) - min_c (l_c / s_c)) / 255
 * </pre>
 *
 * <p>Where dividing takes a pass of its own and rounding would be hardly finer for it, s_c is 1.
 *
 * @param channels s, as many as x has channels; null for ones
 * @param step one unit of what is rounded
 * @param zeroPoint what 0 is rounded to, 0 to 255
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
record InputScale(float @Nullable [] channels, float step, int zeroPoint) {
  /** How far the channels are made alike, at the cost of the weights'. */
  private static final double ALIKE = 0.85;

  /** Other texts get larger than the sample. */
  private static final double ROOM = 1.2;

  /** Rounding errors of the products, squared, that a pass is not worth. */
  private static final double BEARABLE = 1.25;

  private static final double LEAST = 1e-6;
  private static final int LEVELS = 255;

  /**
   * @param range of x
   * @param weights of the linears that read x, each (channels, outputs)
   * @param free whether dividing costs nothing
   */
  static InputScale of(ActivationRanges.Range range, List<TensorData> weights, boolean free) {
    int count = range.lowest().length;
    double[] largest = new double[count];
    double[] squares = new double[count];
    for (TensorData weight : weights) {
      float[] values = weight.toFloats();
      int outputs = values.length / count;
      for (int i = 0; i < values.length; i++) {
        largest[i / outputs] = Math.max(largest[i / outputs], Math.abs(values[i]));
        squares[i / outputs] += (double) values[i] * values[i];
      }
    }
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    InputScale plain = of(range, ones);
    float[] alike = new float[count];
    for (int c = 0; c < count; c++) {
      double most = Math.max(LEAST, Math.max(-range.lowest()[c], range.highest()[c]));
      alike[c] = (float) (Math.pow(most, ALIKE) / Math.pow(Math.max(largest[c], LEAST), 1 - ALIKE));
    }
    InputScale divided = of(range, alike);
    return free || plain.error(ones, squares) > BEARABLE * divided.error(alike, squares)
        ? divided
        : new InputScale(null, plain.step, plain.zeroPoint);
  }

  private static InputScale of(ActivationRanges.Range range, float[] channels) {
    double lowest = -LEAST;
    double highest = LEAST;
    for (int c = 0; c < channels.length; c++) {
      lowest = Math.min(lowest, range.lowest()[c] / channels[c]);
      highest = Math.max(highest, range.highest()[c] / channels[c]);
    }
    double step = ROOM * (highest - lowest) / LEVELS;
    return new InputScale(channels, (float) step, (int) Math.rint(-ROOM * lowest / step));
  }

  /** The expected squared error of the products, in a unit that is the same for all scales. */
  private double error(float[] s, double[] squares) {
    double sum = 0;
    for (int c = 0; c < squares.length; c++) {
      sum += squares[c] * s[c] * s[c];
    }
    return sum * step * step;
  }

  /** Values of x, or of what is added to it, in the units that are rounded. */
  TensorData divided(TensorData values) {
    float[] divided = values.toFloats();
    if (channels != null) {
      for (int c = 0; c < divided.length; c++) {
        divided[c] /= channels[c];
      }
    }
    return TensorData.floats(divided, values.shape());
  }

  /** 1 / s; null for ones. */
  @Nullable TensorData inverse() {
    if (channels == null) {
      return null;
    }
    float[] inverse = new float[channels.length];
    for (int c = 0; c < inverse.length; c++) {
      inverse[c] = 1 / channels[c];
    }
    return TensorData.floats(inverse, inverse.length);
  }

  /** Weights (channels, outputs) for x in the units that are rounded. */
  void multiply(float[] weights) {
    if (channels == null) {
      return;
    }
    int outputs = weights.length / channels.length;
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= channels[i / outputs];
    }
  }
}
