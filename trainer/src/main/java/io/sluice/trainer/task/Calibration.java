package io.sluice.trainer.task;

import java.util.List;

/**
 * The temperature that makes probabilities honest (Guo et al. 2017): the one under which the right
 * options of given decisions are least surprising.
 *
 * @param temperature logits are divided by it, {@link #LEAST}..{@link #GREATEST} if it was fitted
 * @param lossBefore mean -log P of the right options at temperature 1, in nats
 * @param lossAfter the same at {@code temperature}; never more on what it was fitted to
 */
public record Calibration(double temperature, double lossBefore, double lossAfter) {
  /** Nothing to settle it on. */
  public static final Calibration NONE = new Calibration(1, 0, 0);

  static final double LEAST = 0.05;
  static final double GREATEST = 20;
  private static final int ROUNDS = 200;
  private static final double PRECISION = 1e-12;

  /**
   * Finds it. The loss is convex in b = 1 / temperature, its slope sum (E[logit] - right logit),
   * its curvature sum Var[logit], both under softmax(b logits): Newton's method, kept within the
   * bracket that the slope's sign gives.
   */
  public static Calibration fit(List<Choice> choices) {
    if (choices.isEmpty()) {
      return NONE;
    }
    double low = 1 / GREATEST;
    double high = 1 / LEAST;
    double b = 1;
    if (derivatives(choices, low)[0] >= 0) {
      b = low;
    } else if (derivatives(choices, high)[0] <= 0) {
      b = high;
    } else {
      for (int round = 0; round < ROUNDS && high - low > PRECISION * b; round++) {
        double[] slope = derivatives(choices, b);
        if (slope[0] > 0) {
          high = b;
        } else {
          low = b;
        }
        double next = b - slope[0] / slope[1];
        double moved = next > low && next < high ? next : (low + high) / 2;
        boolean still = Math.abs(moved - b) <= PRECISION * b;
        b = moved;
        if (still) {
          break;
        }
      }
    }
    double before = loss(choices, 1);
    double after = loss(choices, b);
    return after <= before
        ? new Calibration(1 / b, before, after)
        : new Calibration(1, before, before);
  }

  /** Mean -log P of the right options, in nats. */
  static double loss(List<Choice> choices, double b) {
    double loss = 0;
    for (Choice choice : choices) {
      float[] logits = choice.logits();
      double sum = 0;
      for (float logit : logits) {
        sum += StrictMath.exp(b * ((double) logit - logits[choice.right()]));
      }
      loss +=
          Double.isInfinite(sum)
              ? b * (greatest(logits) - logits[choice.right()])
              : StrictMath.log(sum);
    }
    return loss / choices.size();
  }

  /** First and second derivative of the total loss by b. */
  private static double[] derivatives(List<Choice> choices, double b) {
    double slope = 0;
    double curvature = 0;
    for (Choice choice : choices) {
      float[] logits = choice.logits();
      double greatest = greatest(logits);
      double sum = 0;
      double first = 0;
      double second = 0;
      for (float logit : logits) {
        double below = logit - greatest;
        double weight = StrictMath.exp(b * below);
        sum += weight;
        first += weight * below;
        second += weight * below * below;
      }
      double mean = first / sum;
      slope += mean - (logits[choice.right()] - greatest);
      curvature += second / sum - mean * mean;
    }
    return new double[] {slope, curvature};
  }

  private static double greatest(float[] logits) {
    double greatest = logits[0];
    for (float logit : logits) {
      greatest = Math.max(greatest, logit);
    }
    return greatest;
  }
}
