package io.sluice.loadtest.floor;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import io.sluice.loadtest.report.Environment;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A server against the floor, in figures.
 *
 * @param backbone name and digest of the backbone
 * @param bundle the task's bundle
 * @param structure what the bundle is, for people
 * @param measurements one for each series
 * @param ratios cost of the server, and of a merged model, over the untouched model
 * @param stages of the requests of the one client
 * @param failures refused requests by status; empty when all were answered
 * @param memory null when it was not looked at
 */
public record FloorReport(
    Environment environment,
    String backbone,
    Digest bundle,
    String structure,
    FloorSettings settings,
    List<Measurement> measurements,
    List<Ratio> ratios,
    Stages stages,
    SortedMap<String, Long> failures,
    @Nullable MemoryReport memory) {
  /** What is compared with what. */
  static final List<Map.Entry<Series, Series>> COMPARISONS =
      List.of(
          Map.entry(Series.SERVED_TEXT, Series.PLAIN_TEXT),
          Map.entry(Series.SERVED_TEXT, Series.MERGED_TEXT),
          Map.entry(Series.MERGED_TEXT, Series.PLAIN_TEXT),
          Map.entry(Series.SERVED_8X32, Series.PLAIN_8X32),
          Map.entry(Series.SERVED_8X32, Series.MERGED_8X32),
          Map.entry(Series.QUEUED_8X32, Series.PLAIN_8X32),
          Map.entry(Series.SERVED_32X64, Series.PLAIN_32X64),
          Map.entry(Series.SERVED_32X64, Series.MERGED_32X64),
          Map.entry(Series.QUEUED_32X64, Series.PLAIN_32X64));

  public FloorReport {
    requireNonNull(environment, "environment");
    requireNonNull(backbone, "backbone");
    requireNonNull(bundle, "bundle");
    requireNonNull(structure, "structure");
    requireNonNull(settings, "settings");
    measurements = List.copyOf(measurements);
    ratios = List.copyOf(ratios);
    requireNonNull(stages, "stages");
    failures = new TreeMap<>(failures);
  }

  /** The measurement of that series. */
  public Measurement measurement(Series series) {
    return measurements.stream()
        .filter(one -> one.series() == series)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("series: " + series + ": not measured"));
  }

  /** What one served request costs over the untouched model, in microseconds; of the medians. */
  public double overheadMicros() {
    return measurement(Series.SERVED_TEXT).spread().median()
        - measurement(Series.PLAIN_TEXT).spread().median();
  }

  /** The same with figures of memory. */
  public FloorReport withMemory(MemoryReport newMemory) {
    return new FloorReport(
        environment,
        backbone,
        bundle,
        structure,
        settings,
        measurements,
        ratios,
        stages,
        failures,
        requireNonNull(newMemory, "newMemory"));
  }
}
