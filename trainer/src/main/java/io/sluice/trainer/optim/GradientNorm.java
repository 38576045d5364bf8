package io.sluice.trainer.optim;

/** The length of a gradient as one vector, and its limit (Pascanu et al. 2013). */
public final class GradientNorm {
  private GradientNorm() {}

  /**
   * Scales a gradient down to a greatest length, in place.
   *
   * @return the length before; not finite if any gradient is not
   */
  public static double clip(float[] gradients, double limit) {
    double squares = 0;
    for (float g : gradients) {
      squares += (double) g * g;
    }
    double norm = Math.sqrt(squares);
    if (norm > limit) {
      float factor = (float) (limit / norm);
      for (int i = 0; i < gradients.length; i++) {
        gradients[i] *= factor;
      }
    }
    return norm;
  }
}
