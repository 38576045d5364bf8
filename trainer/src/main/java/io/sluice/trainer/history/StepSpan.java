package io.sluice.trainer.history;

import static java.util.Objects.requireNonNull;

/**
 * One step, or some neighbouring steps of one phase as their means: long runs are kept at a lower
 * resolution.
 *
 * @param phase the stage of the steps
 * @param firstStep first of the steps, from 1
 * @param steps how many there are
 * @param loss mean training loss
 * @param leastLoss least of their losses
 * @param greatestLoss greatest of their losses
 * @param learningRate mean learning rate
 * @param gradientNorm mean length of the gradient before clipping; NaN where it was not measured
 * @param expectedCost mean expected cost of the gates, in the budget's unit
 * @param budgetInForce mean of what the cost is held to
 * @param open mean of what is open
 */
public record StepSpan(
    Phase phase,
    int firstStep,
    int steps,
    double loss,
    double leastLoss,
    double greatestLoss,
    double learningRate,
    double gradientNorm,
    double expectedCost,
    double budgetInForce,
    Open open) {
  public StepSpan {
    requireNonNull(phase, "phase");
    requireNonNull(open, "open");
  }

  /**
   * What the gates that are more likely open than not add up to.
   *
   * @param gates how many they are
   * @param parameters their candidates' learned numbers
   * @param flopsPerToken their candidates' floating point operations per token
   */
  public record Open(double gates, double parameters, double flopsPerToken) {
    Open mixed(Open other, double share) {
      return new Open(
          mix(gates, other.gates, share),
          mix(parameters, other.parameters, share),
          mix(flopsPerToken, other.flopsPerToken, share));
    }
  }

  /** One step. */
  static StepSpan of(StepFigures figures, Open open) {
    return new StepSpan(
        figures.phase(),
        figures.step(),
        1,
        figures.loss(),
        figures.loss(),
        figures.loss(),
        figures.learningRate(),
        figures.gradientNorm(),
        figures.expectedCost(),
        figures.budgetInForce(),
        open);
  }

  /** Last of the steps. */
  public int lastStep() {
    return firstStep + steps - 1;
  }

  /** These steps and the next ones of the same phase as one span. */
  StepSpan with(StepSpan next) {
    double share = (double) next.steps / (steps + next.steps);
    return new StepSpan(
        phase,
        firstStep,
        steps + next.steps,
        mix(loss, next.loss, share),
        Math.min(leastLoss, next.leastLoss),
        Math.max(greatestLoss, next.greatestLoss),
        mix(learningRate, next.learningRate, share),
        mix(gradientNorm, next.gradientNorm, share),
        mix(expectedCost, next.expectedCost, share),
        mix(budgetInForce, next.budgetInForce, share),
        open.mixed(next.open, share));
  }

  private static double mix(double a, double b, double share) {
    return a + (b - a) * share;
  }
}
