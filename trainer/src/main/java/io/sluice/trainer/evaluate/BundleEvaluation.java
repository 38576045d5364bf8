package io.sluice.trainer.evaluate;

import io.sluice.registry.bundle.Manifest;
import io.sluice.trainer.data.LabelledRows;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.task.Confidence;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a bundle reaches on some rows. Immutable.
 *
 * @param manifest the bundle's
 * @param rows what was asked
 * @param evaluation the answers against the truth
 * @param confidence what their probabilities are worth, at the bundle's temperature and threshold
 * @param truncated rows that were too long and lost their end
 */
public record BundleEvaluation(
    Manifest manifest,
    LabelledRows rows,
    Evaluation evaluation,
    Confidence confidence,
    long truncated) {
  private static final String DEV = "dev_";

  /** Every measure, by the name under which the manifest has that of the dev rows. */
  public SortedMap<String, Double> measures() {
    SortedMap<String, Double> measures = new TreeMap<>(evaluation.measures());
    measures.putAll(confidence.measures());
    return measures;
  }

  /** What training measured on its dev rows, by the same names. */
  public SortedMap<String, Double> promised() {
    SortedMap<String, Double> promised = new TreeMap<>();
    manifest
        .metrics()
        .forEach(
            (name, value) -> {
              if (name.startsWith(DEV)) {
                promised.put(name.substring(DEV.length()), value);
              }
            });
    return promised;
  }
}
