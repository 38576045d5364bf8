package io.sluice.trainer.optim;

import java.util.Arrays;

/** The length of a gradient as one vector, and its limit (Pascanu et al. 2013). */
public final class GradientNorm {
  private GradientNorm() {}

  /**
   * Scales a gradient down to a greatest length, in place.
   *
   * @return the length before; not finite if any gradient is not
   */
  public static double clip(float[] gradients, double limit) {
    double[] squares =
        Chunks.of(gradients.length).mapToDouble(chunk -> squares(chunk, gradients)).toArray();
    double norm = Math.sqrt(Arrays.stream(squares).sequential().reduce(0, Double::sum));
    if (norm > limit) {
      float factor = (float) (limit / norm);
      Chunks.of(gradients.length).forEach(chunk -> scale(chunk, gradients, factor));
    }
    return norm;
  }

  private static double squares(Chunks.Chunk chunk, float[] gradients) {
    double squares = 0;
    for (int i = chunk.from(); i < chunk.to(); i++) {
      squares += (double) gradients[i] * gradients[i];
    }
    return squares;
  }

  private static void scale(Chunks.Chunk chunk, float[] gradients, float factor) {
    for (int i = chunk.from(); i < chunk.to(); i++) {
      gradients[i] *= factor;
    }
  }
}
