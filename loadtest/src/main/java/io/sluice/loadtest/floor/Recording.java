package io.sluice.loadtest.floor;

import io.sluice.loadtest.Latencies;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** The samples of one series so far. Confined to one thread. */
final class Recording {
  private final List<Double> figures = new ArrayList<>();
  private final List<Double> cpuMicros = new ArrayList<>();
  private final Histogram latencies = Latencies.histogram();

  void add(Series.Kind kind, Sample sample) {
    figures.add(sample.figure(kind));
    cpuMicros.add(sample.cpuNanosPerRow() / 1e3);
    latencies.add(sample.latencies());
  }

  Measurement of(Series series) {
    return new Measurement(series, figures, cpuMicros, Latencies.of(latencies));
  }
}
