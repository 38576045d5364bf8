package io.sluice.trainer.optim;

/**
 * The course of the learning rate as a factor of its peak: linear up, level, and from a given step
 * on a lower level that falls linearly to zero.
 *
 * @param steps length of the run
 * @param warmUpSteps steps until the peak
 * @param fineTuneStep step from which the rate is lower
 * @param fineTuneFactor the factor at that step
 */
public record LearningRate(int steps, int warmUpSteps, int fineTuneStep, double fineTuneFactor) {
  public LearningRate {
    if (warmUpSteps < 0 || warmUpSteps > fineTuneStep || fineTuneStep > steps) {
      throw new IllegalArgumentException(
          "warmUpSteps, fineTuneStep: "
              + warmUpSteps
              + ", "
              + fineTuneStep
              + " (expected: 0 <= warmUpSteps <= fineTuneStep <= "
              + steps
              + ")");
    }
  }

  /** The factor at a step, from 0. */
  public double at(int step) {
    if (step >= fineTuneStep) {
      return fineTuneFactor * (steps - step) / Math.max(1, steps - fineTuneStep);
    }
    return step < warmUpSteps ? (step + 1.0) / warmUpSteps : 1;
  }
}
