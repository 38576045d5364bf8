package io.sluice.loadtest.multi;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.report.Spread;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Times until the last answer about one text was there.
 *
 * @param tasks how many
 * @param points of the adapters of each
 * @param medianMillis of each way, round by round
 * @param latencies of each way, all rounds together
 * @param largestDifference between a score of a request of all tasks and of one alone
 * @param layersShared blocks that were computed once for all tasks of a request
 */
public record MultiFound(
    int tasks,
    List<Integer> points,
    Map<Way, List<Double>> medianMillis,
    Map<Way, Latencies> latencies,
    double largestDifference,
    int layersShared) {
  public MultiFound {
    points = List.copyOf(points);
    medianMillis = new EnumMap<>(medianMillis);
    latencies = new EnumMap<>(latencies);
  }

  /** The medians of a way. */
  public Spread spread(Way way) {
    return Spread.of(medians(way));
  }

  /** How many times as long one way takes as another, round by round. */
  public Spread ratio(Way of, Way to) {
    return Spread.ofRatios(medians(of), medians(to));
  }

  private List<Double> medians(Way way) {
    return requireNonNull(medianMillis.get(way), "way");
  }
}
