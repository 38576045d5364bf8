package io.sluice.trainer.metric;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * The measure a run is chosen by; greater is better. Which of them a run may use depends on what
 * kind of task it learns: see {@link Evaluation#measures}.
 */
public enum Metric {
  /** Share of rows answered right. */
  ACCURACY,
  /** Of a classifier with two labels: F1 of the second. Of spans: mean overlap in words. */
  F1,
  /** Mean over the labels of each one's F1. */
  MACRO_F1,
  /** F1 over all decisions about all labels of a multi-label task. */
  MICRO_F1,
  /** Matthews' correlation. */
  MATTHEWS,
  /** Linear correlation of answered and true values. */
  PEARSON,
  /** Correlation of their ranks. */
  SPEARMAN,
  /** Share of spans, or of label sets, answered exactly. */
  EXACT_MATCH;

  /** Its value in an evaluation that has it. */
  public double of(Evaluation evaluation) {
    return evaluation.of(this);
  }

  /** Its name in manifests and on the command line. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Those names that are metrics' codes. */
  static List<String> among(Collection<String> names) {
    return Arrays.stream(values()).map(Metric::code).filter(names::contains).toList();
  }
}
