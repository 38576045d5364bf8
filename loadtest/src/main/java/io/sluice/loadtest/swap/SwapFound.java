package io.sluice.loadtest.swap;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.report.Spread;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What swaps do to those who ask.
 *
 * @param closedPerSecond answers a second to clients that wait for them
 * @param rate of the requests during all stretches
 * @param firstAnswerIdle from sending a new bundle to its first answer, nothing else asked
 * @param firstAnswerBusy the same under the load
 * @param pairs of stretches
 * @param quiet latencies of all quiet stretches
 * @param swapping latencies of all others
 * @param activations how long each swap took
 * @param swappingSeconds time of the stretches with swaps
 * @param requests all, warm-up included
 * @param failures refusals by status
 * @param violations replies that no correct server gives
 */
public record SwapFound(
    SwapPhases.Settings settings,
    double closedPerSecond,
    double rate,
    Latencies firstAnswerIdle,
    Latencies firstAnswerBusy,
    List<Pair> pairs,
    Latencies quiet,
    Latencies swapping,
    Latencies activations,
    double swappingSeconds,
    long requests,
    SortedMap<String, Long> failures,
    List<String> violations) {

  /** Latencies of two stretches next to each other. */
  public record Pair(Latencies quiet, Latencies swapping) {}

  public SwapFound {
    requireNonNull(settings, "settings");
    pairs = List.copyOf(pairs);
    failures = new TreeMap<>(failures);
    violations = List.copyOf(violations);
  }

  /** The 99th percentile with swaps over that without, pair by pair. */
  public Spread ratios() {
    return Spread.of(
        pairs.stream()
            .map(pair -> (double) pair.swapping().p99Nanos() / pair.quiet().p99Nanos())
            .toList());
  }
}
