package io.sluice.trainer.task;

/** Probabilities of logits, at some temperature. */
final class Probabilities {
  private Probabilities() {}

  static double[] softmax(float[] logits, double temperature) {
    return softmax(logits, 0, logits.length, temperature);
  }

  /** The softmax of a part of an array. */
  static double[] softmax(float[] logits, int from, int to, double temperature) {
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

  static double sigmoid(double logit) {
    return 1 / (1 + StrictMath.exp(-logit));
  }
}
