package io.sluice.cli.training;

import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.metric.Metric;
import java.util.Locale;

/** An evaluation's primary measure in words. */
final class Score {
  private Score() {}

  /** The measure's name: {@code accuracy}, {@code micro f1}. */
  static String name(Evaluation evaluation) {
    return evaluation.primary().code().replace('_', ' ');
  }

  /** Its value: a share in per cent, a correlation with three decimals. */
  static String value(Evaluation evaluation) {
    Metric metric = evaluation.primary();
    double value = evaluation.of(metric);
    return switch (metric) {
      case MATTHEWS, PEARSON, SPEARMAN -> String.format(Locale.ROOT, "%.3f", value);
      case ACCURACY, F1, MACRO_F1, MICRO_F1, EXACT_MATCH ->
          String.format(Locale.ROOT, "%.1f %%", 100 * value);
    };
  }
}
