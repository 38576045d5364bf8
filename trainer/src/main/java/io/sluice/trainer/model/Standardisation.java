package io.sluice.trainer.model;

import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.nio.FloatBuffer;

/** Features brought to mean 0 and deviation 1 by what the train rows have. Immutable. */
final class Standardisation {
  private static final double LEAST_DEVIATION = 1e-6;

  private final double[] means;
  private final double[] deviations;

  private Standardisation(double[] means, double[] deviations) {
    this.means = means;
    this.deviations = deviations;
  }

  /** Measured over (rows, width). */
  static Standardisation of(float[][] features) {
    int width = features[0].length;
    double[] means = new double[width];
    double[] deviations = new double[width];
    for (float[] row : features) {
      for (int i = 0; i < width; i++) {
        means[i] += row[i] / (double) features.length;
      }
    }
    for (float[] row : features) {
      for (int i = 0; i < width; i++) {
        deviations[i] += (row[i] - means[i]) * (row[i] - means[i]) / features.length;
      }
    }
    for (int i = 0; i < width; i++) {
      deviations[i] = Math.max(LEAST_DEVIATION, Math.sqrt(deviations[i]));
    }
    return new Standardisation(means, deviations);
  }

  /** Standardised features as a tensor (rows, width). */
  HostTensor tensor(OnnxRuntime runtime, float[][] features) {
    FloatBuffer values = DirectBuffers.floats((long) features.length * means.length);
    for (float[] row : features) {
      for (int i = 0; i < means.length; i++) {
        values.put((float) ((row[i] - means[i]) / deviations[i]));
      }
    }
    return HostTensor.floats(runtime, values.flip(), features.length, means.length);
  }

  /**
   * A linear map of standardised features as one of features as they are, in place.
   *
   * @param map weights (width, labels), row-major, then bias (labels)
   */
  void undo(float[] map, int labels) {
    int biasAt = means.length * labels;
    double[] shift = new double[labels];
    for (int i = 0; i < means.length; i++) {
      for (int label = 0; label < labels; label++) {
        double weight = map[i * labels + label] / deviations[i];
        map[i * labels + label] = (float) weight;
        shift[label] += means[i] * weight;
      }
    }
    for (int label = 0; label < labels; label++) {
      map[biasAt + label] -= (float) shift[label];
    }
  }
}
