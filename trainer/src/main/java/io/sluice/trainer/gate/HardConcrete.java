package io.sluice.trainer.gate;

/**
 * The hard-concrete distribution of a gate z in [0, 1] (Louizos, Welling and Kingma 2018, eq. 10 to
 * 12): s = sigmoid((logit u + logAlpha) / beta), z = clip(s (zeta - gamma) + gamma, 0, 1). The
 * temperature beta says how far samples keep from the middle: the lower, the more are 0 or 1.
 *
 * @param temperature beta, above 0
 */
public record HardConcrete(double temperature) {
  public static final double LEAST_TEMPERATURE = 0.1;
  public static final double DEFAULT_TEMPERATURE = 2.0 / 3.0;

  /** Above it the density has its mode in the middle: gates would not make up their minds. */
  public static final double MOST_TEMPERATURE = 1;

  static final double GAMMA = -0.1;
  static final double ZETA = 1.1;

  /** Where learned log alphas are held: log 0.01 and log 100. */
  public static final double LOG_ALPHA_LIMIT = StrictMath.log(100);

  public HardConcrete {
    if (!(temperature > 0)) {
      throw new IllegalArgumentException("temperature: " + temperature + " (expected: above 0)");
    }
  }

  /** With the default temperature. */
  public static HardConcrete standard() {
    return new HardConcrete(DEFAULT_TEMPERATURE);
  }

  /** P(z != 0) = sigmoid(logAlpha + openOffset). */
  public double openOffset() {
    return -temperature * StrictMath.log(-GAMMA / ZETA);
  }

  /**
   * A sample of the gate.
   *
   * @param u uniform noise, between 0 and 1, both excluded
   */
  public double sample(double logAlpha, double u) {
    return clip(stretched(logAlpha, u));
  }

  /** dz / dlogAlpha at a sample; 0 where the sample is clipped. */
  public double sampleSlope(double logAlpha, double u) {
    double stretched = stretched(logAlpha, u);
    if (stretched <= 0 || stretched >= 1) {
      return 0;
    }
    double s = (stretched - GAMMA) / (ZETA - GAMMA);
    return (ZETA - GAMMA) / temperature * s * (1 - s);
  }

  /** P(z != 0). */
  public double openProbability(double logAlpha) {
    return sigmoid(logAlpha + openOffset());
  }

  /** dP(z != 0) / dlogAlpha. */
  public double openProbabilitySlope(double logAlpha) {
    double p = openProbability(logAlpha);
    return p * (1 - p);
  }

  /**
   * The gate without noise (eq. 13), which no temperature changes; exactly 0 below logAlpha =
   * -2.398 and exactly 1 above 2.398.
   */
  public static double testGate(double logAlpha) {
    return clip(sigmoid(logAlpha) * (ZETA - GAMMA) + GAMMA);
  }

  /**
   * The median of the gate given that it is open, which is what a survivor keeps: above 0 always, 1
   * for every gate that has made up its mind.
   */
  public double openMedian(double logAlpha) {
    return sample(logAlpha, 1 - openProbability(logAlpha) / 2);
  }

  private double stretched(double logAlpha, double u) {
    double s = sigmoid((StrictMath.log(u) - StrictMath.log1p(-u) + logAlpha) / temperature);
    return s * (ZETA - GAMMA) + GAMMA;
  }

  private static double clip(double value) {
    return Math.min(1, Math.max(0, value));
  }

  static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }
}
