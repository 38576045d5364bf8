package io.sluice.trainer;

import static java.util.Objects.requireNonNull;

import io.sluice.trainer.history.RunHistory;
import io.sluice.trainer.metric.Evaluation;

/**
 * What came of tuning a whole encoder: figures to compare bundles with, and no bundle.
 *
 * @param dev answers on the dev rows by the best weights seen
 * @param probe the linear probe's answers on the dev rows
 * @param parameters numbers that were learned: the encoder's weights and the head's
 * @param steps steps done; fewer than planned if nothing better was found for long
 * @param elapsedNanos how long the run took
 * @param history the course of loss and dev scores; its candidates are closed throughout
 */
public record FullTuningResult(
    Evaluation dev,
    Evaluation probe,
    long parameters,
    int steps,
    long elapsedNanos,
    RunHistory history) {
  public FullTuningResult {
    requireNonNull(dev, "dev");
    requireNonNull(probe, "probe");
    requireNonNull(history, "history");
  }
}
