package io.sluice.loadtest.floor;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.report.Spread;
import java.util.List;

/**
 * All repeats of one series.
 *
 * @param repeats the figure of each, in order: see {@link Series.Kind}
 * @param cpuMicros processor time of this process per row, in microseconds, of each repeat: hardly
 *     changed by what else the machine does. Leaves a server in another process out
 * @param latencies of the single requests of all repeats together; of a served series with several
 *     clients as well, {@link Latencies#NONE} for batches in a plain session
 */
public record Measurement(
    Series series, List<Double> repeats, List<Double> cpuMicros, Latencies latencies) {
  public Measurement {
    requireNonNull(series, "series");
    repeats = List.copyOf(repeats);
    cpuMicros = List.copyOf(cpuMicros);
    requireNonNull(latencies, "latencies");
  }

  /** Median and spread of the processor time per row, in microseconds. */
  public Spread cpuSpread() {
    return Spread.of(cpuMicros);
  }

  /** Median and spread over the repeats. */
  public Spread spread() {
    return Spread.of(repeats);
  }
}
