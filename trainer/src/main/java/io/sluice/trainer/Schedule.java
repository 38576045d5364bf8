package io.sluice.trainer;

import io.sluice.trainer.history.Phase;

/**
 * Which step of a run belongs to which phase, and which budget is in force: a search that is open
 * for a seventh of its steps, since a candidate whose output is zero says nothing of its worth,
 * ramps for two and holds for four; then fine-tuning of what is frozen.
 *
 * @param steps length of the run
 * @param rampStep first step of the ramp
 * @param holdStep first step of the hold
 * @param freezeStep first step of fine-tuning
 */
public record Schedule(int steps, int rampStep, int holdStep, int freezeStep) {
  private static final int EPOCHS = 10;
  private static final int LEAST_STEPS = 240;
  private static final int MOST_STEPS = 1600;

  /**
   * The course of a run of so many steps.
   *
   * @param searchShare share of them after which the structure is frozen
   */
  public static Schedule ofSteps(int steps, double searchShare) {
    return new Schedule(
        steps,
        (int) Math.round(steps * searchShare / 7),
        (int) Math.round(steps * searchShare * 3 / 7),
        (int) Math.round(steps * searchShare));
  }

  /** The course of a run of so many steps whose structure is frozen from the start. */
  public static Schedule frozen(int steps) {
    return new Schedule(steps, 0, 0, 0);
  }

  /**
   * The next stop of a sweep, which goes on from where this one's structure was frozen: half the
   * first stop's ramp, half its hold, and as long a fine-tuning.
   *
   * @param first the sweep's first stop
   */
  Schedule next(Schedule first) {
    int hold = freezeStep + Math.max(1, (first.holdStep - first.rampStep) / 2);
    int freeze = hold + Math.max(1, (first.freezeStep - first.holdStep) / 2);
    return new Schedule(freeze + first.steps - first.freezeStep, freezeStep, hold, freeze);
  }

  /** Ten epochs, but no fewer than 240 steps and no more than 1,600. */
  public static int defaultSteps(int stepsPerEpoch) {
    return Math.max(LEAST_STEPS, (int) Math.min(MOST_STEPS, (long) EPOCHS * stepsPerEpoch));
  }

  /** The phase of a step, from 0. */
  public Phase phase(int step) {
    if (step >= freezeStep) {
      return Phase.FINE_TUNE;
    }
    if (step >= holdStep) {
      return Phase.HOLD;
    }
    return step >= rampStep ? Phase.RAMP : Phase.OPEN;
  }

  /**
   * How much of what all candidates cost beyond the limit is still in force at a step: 1 while
   * open, then down along a cubic (as AdaLoRA's rank schedule, Zhang et al. 2023, eq. 12), then 0.
   */
  double budgetLeft(int step) {
    if (step < rampStep) {
      return 1;
    }
    if (step >= holdStep) {
      return 0;
    }
    double left = 1 - (step - rampStep + 1.0) / (holdStep - rampStep);
    return left * left * left;
  }
}
