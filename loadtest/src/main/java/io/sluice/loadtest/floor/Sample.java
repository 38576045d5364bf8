package io.sluice.loadtest.floor;

import static java.util.Objects.requireNonNull;

import org.HdrHistogram.Histogram;

/**
 * One turn of one series, its beginning dropped.
 *
 * @param rowsPerSecond rows answered in a second
 * @param latencies of the calls, in nanoseconds
 * @param cpuNanosPerRow processor time of this process for each row, the beginning included
 */
record Sample(double rowsPerSecond, Histogram latencies, double cpuNanosPerRow) {
  Sample {
    requireNonNull(latencies, "latencies");
  }

  /** See {@link Series.Kind}. */
  double figure(Series.Kind kind) {
    return kind == Series.Kind.LATENCY ? latencies.getValueAtPercentile(50) / 1e3 : rowsPerSecond;
  }
}
