package io.sluice.trainer.experiment;

import io.sluice.trainer.ProgressListener;
import java.nio.file.Path;

/** Runs cells. Thread-safe; a run ends early when its thread is interrupted. */
public interface CellTrainer {
  /**
   * Runs one.
   *
   * @param folder the cell's own, for what is kept besides the result
   */
  CellResult run(CellPlan plan, Path folder, ProgressListener listener);
}
