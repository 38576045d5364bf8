package io.sluice.loadtest;

import java.util.Collection;
import org.HdrHistogram.Histogram;

/**
 * Percentiles of some latencies, in nanoseconds, exact to three digits; all 0 when there is none.
 */
public record Latencies(
    long count,
    double meanNanos,
    long p50Nanos,
    long p90Nanos,
    long p95Nanos,
    long p99Nanos,
    long p999Nanos,
    long maxNanos) {
  /** Of none. */
  public static final Latencies NONE = new Latencies(0, 0, 0, 0, 0, 0, 0, 0);

  private static final int DIGITS = 3;

  /** A histogram of nanoseconds that grows with what it is given. */
  public static Histogram histogram() {
    return new Histogram(DIGITS);
  }

  /** What {@code histogram} holds. */
  public static Latencies of(Histogram histogram) {
    return histogram.getTotalCount() == 0
        ? NONE
        : new Latencies(
            histogram.getTotalCount(),
            histogram.getMean(),
            histogram.getValueAtPercentile(50),
            histogram.getValueAtPercentile(90),
            histogram.getValueAtPercentile(95),
            histogram.getValueAtPercentile(99),
            histogram.getValueAtPercentile(99.9),
            histogram.getMaxValue());
  }

  /** Those of the exchanges that were replied to. */
  public static Latencies of(Collection<Exchange> exchanges) {
    Histogram histogram = histogram();
    for (Exchange exchange : exchanges) {
      if (exchange.reply() != null) {
        histogram.recordValue(Math.max(0, exchange.latencyNanos()));
      }
    }
    return of(histogram);
  }
}
