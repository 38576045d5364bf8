package io.sluice.trainer;

import io.sluice.trainer.metric.Evaluation;
import java.util.List;

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

  /** Tells several, in their order. */
  static ProgressListener all(ProgressListener... listeners) {
    List<ProgressListener> told = List.of(listeners);
    return new ProgressListener() {
      @Override
      public void progressed(Progress progress) {
        told.forEach(listener -> listener.progressed(progress));
      }

      @Override
      public void probed(Evaluation dev) {
        told.forEach(listener -> listener.probed(dev));
      }

      @Override
      public void evaluated(int step, Evaluation dev, boolean best) {
        told.forEach(listener -> listener.evaluated(step, dev, best));
      }
    };
  }
}
