package io.sluice.trainer;

import io.sluice.trainer.metric.Evaluation;

/**
 * Hears how a run goes. Called on the training thread, after every step: be quick, and throw
 * nothing.
 */
public interface ProgressListener {
  /** A listener that does not listen. */
  ProgressListener SILENT = progress -> {};

  /** A step was done; before the first one: rows were prepared. */
  void progressed(Progress progress);

  /** The linear probe was fitted; its answers on the dev rows. */
  default void probed(Evaluation dev) {}

  /** The dev rows were answered at some step. */
  default void evaluated(int step, Evaluation dev, boolean best) {}
}
