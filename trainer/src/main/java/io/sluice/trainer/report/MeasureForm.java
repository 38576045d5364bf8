package io.sluice.trainer.report;

import io.sluice.trainer.metric.Metric;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How measures are written: shares of rows in per cent, correlations, losses and errors as numbers.
 */
final class MeasureForm {
  private static final Set<Metric> CORRELATIONS =
      Set.of(Metric.MATTHEWS, Metric.PEARSON, Metric.SPEARMAN);
  private static final Set<String> SHARES =
      Stream.concat(
              Arrays.stream(Metric.values())
                  .filter(metric -> !CORRELATIONS.contains(metric))
                  .map(Metric::code),
              Stream.of("coverage", "worth_when_answered"))
          .collect(Collectors.toUnmodifiableSet());

  private MeasureForm() {}

  /** The value of a measure as all of the page writes it. */
  static String value(String measure, double value) {
    return share(measure) ? Figures.percent(value, 1) : Figures.decimal(value);
  }

  /** A difference of two values, with its sign: {@code +4.5 points}, {@code +0.045}. */
  static String gain(String measure, double gain) {
    return share(measure)
        ? String.format(Locale.ROOT, "%+.1f points", 100 * gain)
        : String.format(Locale.ROOT, "%+.3f", gain);
  }

  /** A standard deviation, in the unit of {@link #gain}. */
  static String deviation(String measure, double deviation) {
    return share(measure)
        ? String.format(Locale.ROOT, "%.1f", 100 * deviation)
        : Figures.decimal(deviation);
  }

  /** A measure's name for people. */
  static String name(String measure) {
    return measure.replace('_', ' ');
  }

  private static boolean share(String measure) {
    return SHARES.contains(measure);
  }
}
