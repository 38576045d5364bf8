package io.sluice.trainer.history;

import static java.util.Objects.requireNonNull;

/**
 * The figures of one step.
 *
 * @param phase the stage the step belonged to
 * @param step number of the step, from 1
 * @param loss mean loss of the step's rows
 * @param learningRate rate of the step
 * @param gradientNorm length of the gradient before clipping; NaN where it was not measured
 * @param expectedCost expected cost of the gates, or the cost of the survivors once frozen
 * @param budgetInForce what the cost was held to
 */
public record StepFigures(
    Phase phase,
    int step,
    double loss,
    double learningRate,
    double gradientNorm,
    double expectedCost,
    double budgetInForce) {
  public StepFigures {
    requireNonNull(phase, "phase");
  }
}
