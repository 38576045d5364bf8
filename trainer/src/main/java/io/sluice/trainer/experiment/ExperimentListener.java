package io.sluice.trainer.experiment;

import io.sluice.trainer.Progress;

/** Hears how an experiment goes. Called on the threads that train: be quick, and throw nothing. */
public interface ExperimentListener {
  /** A cell begins. */
  default void started(CellPlan plan) {}

  /** A step of a cell was done. */
  default void progressed(CellPlan plan, Progress progress) {}

  /** A cell is done. */
  default void finished(CellPlan plan, CellResult result) {}

  /** Nothing came of a cell. */
  default void failed(CellPlan plan, String reason) {}

  /** A cell is not for us: it is done, or another process has it. */
  default void passed(CellPlan plan, boolean done) {}
}
