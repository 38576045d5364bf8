package io.sluice.trainer;

import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.metric.Evaluation;

/** Hands what is heard of a sweep to whoever hears of the stop it is at. */
final class SweepProgress implements ProgressListener {
  private final SweepListener sweep;
  private ProgressListener stop = ProgressListener.SILENT;

  SweepProgress(SweepListener sweep) {
    this.sweep = sweep;
  }

  void begin(int number, Budget budget) {
    stop = sweep.begins(number, budget);
  }

  @Override
  public void progressed(Progress progress) {
    stop.progressed(progress);
  }

  @Override
  public void probed(Evaluation dev) {
    stop.probed(dev);
  }

  @Override
  public void evaluated(int step, Evaluation dev, boolean best) {
    stop.evaluated(step, dev, best);
  }
}
