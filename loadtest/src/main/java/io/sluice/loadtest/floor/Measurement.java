package io.sluice.loadtest.floor;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.Latencies;
import java.util.List;

/**
 * All repeats of one series.
 *
 * @param repeats the figure of each, in order: see {@link Series.Kind}
 * @param latencies of the single requests of all repeats together; of a served series with several
 *     clients as well, {@link Latencies#NONE} for batches in a plain session
 */
public record Measurement(Series series, List<Double> repeats, Latencies latencies) {
  public Measurement {
    requireNonNull(series, "series");
    repeats = List.copyOf(repeats);
    requireNonNull(latencies, "latencies");
  }

  /** Median and spread over the repeats. */
  public Spread spread() {
    return Spread.of(repeats);
  }
}
