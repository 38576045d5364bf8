package io.sluice.trainer.metric;

/** The mean of -log of the probability given to the true label, in nats. */
public final class LogLoss {
  private LogLoss() {}

  /**
   * The loss of a classifier's answers.
   *
   * @param logits (rows, labels)
   * @param truth number of the true label of each row
   */
  public static double of(float[][] logits, int[] truth) {
    if (logits.length != truth.length || truth.length == 0) {
      throw new IllegalArgumentException(
          "logits: " + logits.length + " rows (expected: " + truth.length + ", >= 1)");
    }
    double sum = 0;
    for (int row = 0; row < truth.length; row++) {
      sum += logSumExp(logits[row]) - logits[row][truth[row]];
    }
    return sum / truth.length;
  }

  private static double logSumExp(float[] logits) {
    double greatest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      greatest = Math.max(greatest, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += StrictMath.exp(logit - greatest);
    }
    return greatest + StrictMath.log(sum);
  }
}
