package io.sluice.registry.answer;

/** Probabilities of logits, at some temperature. The same on every machine. Stateless. */
public final class Probabilities {
  private Probabilities() {}

  /** softmax(logits / temperature). */
  public static double[] softmax(float[] logits, double temperature) {
    return softmax(logits, 0, logits.length, temperature);
  }

  /** The softmax of {@code logits[from]} up to {@code logits[to - 1]}, by themselves. */
  public static double[] softmax(float[] logits, int from, int to, double temperature) {
    double greatest = Double.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      greatest = Math.max(greatest, logits[i]);
    }
    double[] probabilities = new double[to - from];
    double sum = 0;
    for (int i = from; i < to; i++) {
      probabilities[i - from] = StrictMath.exp((logits[i] - greatest) / temperature);
      sum += probabilities[i - from];
    }
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] /= sum;
    }
    return probabilities;
  }

  /** 1 / (1 + exp(-logit)); the logit is divided by its temperature already. */
  public static double sigmoid(double logit) {
    return 1 / (1 + StrictMath.exp(-logit));
  }
}
