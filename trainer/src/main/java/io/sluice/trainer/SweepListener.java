package io.sluice.trainer;

import io.sluice.trainer.gate.Budget;

/** Hears how a sweep goes. Called on the training thread. */
public interface SweepListener {
  /**
   * A stop begins.
   *
   * @param stop its number, from 1
   * @return who hears of its steps
   */
  ProgressListener begins(int stop, Budget budget);

  /** A stop was reached: a bundle within its budget. */
  void reached(int stop, TrainResult result);
}
