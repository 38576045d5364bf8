package io.sluice.loadtest.swap;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.Exchange;
import io.sluice.loadtest.Latencies;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/**
 * What clients noticed of the swaps.
 *
 * @param requests requests sent, warm-up included
 * @param failures refused requests by the name of their status; empty when all were answered
 * @param digests bundles that answered, in order of appearance
 * @param latencies of the answered requests, without the warm-up; every phase has an entry
 * @param activations what was active first, then all activations, in order
 * @param activationLatencies how long the activations took their caller
 * @param violations replies that no correct server gives
 * @param elapsedNanos from the first send to the last receipt
 */
public record SwapReport(
    long requests,
    SortedMap<String, Long> failures,
    List<DigestSeen> digests,
    Map<Phase, Latencies> latencies,
    List<Activated> activations,
    Latencies activationLatencies,
    List<Violation> violations,
    long elapsedNanos) {
  public SwapReport {
    failures = Collections.unmodifiableSortedMap(new TreeMap<>(failures));
    digests = List.copyOf(digests);
    latencies = Map.copyOf(latencies);
    activations = List.copyOf(activations);
    requireNonNull(activationLatencies, "activationLatencies");
    violations = List.copyOf(violations);
  }

  /**
   * The report of some exchanges.
   *
   * @param activations what was active first, then all activations, in order
   * @param measuredFromNanos latencies of what was sent earlier are dropped
   */
  public static SwapReport of(
      List<Exchange> exchanges, List<Activated> activations, long measuredFromNanos) {
    List<Activated> swaps =
        activations.subList(Math.min(1, activations.size()), activations.size());
    Function<Exchange, Phase> phase = Phase.among(swaps);
    Map<Phase, List<Exchange>> byPhase =
        exchanges.stream()
            .filter(exchange -> exchange.intendedNanos() >= measuredFromNanos)
            .collect(Collectors.groupingBy(phase));
    Map<Phase, Latencies> latencies = new EnumMap<>(Phase.class);
    for (Phase each : Phase.values()) {
      latencies.put(each, Latencies.of(byPhase.getOrDefault(each, List.of())));
    }
    SortedMap<String, Long> failures =
        exchanges.stream()
            .filter(exchange -> exchange.reply() == null)
            .collect(Collectors.groupingBy(Exchange::status, TreeMap::new, Collectors.counting()));
    Histogram activationNanos = Latencies.histogram();
    swaps.forEach(swap -> activationNanos.recordValue(swap.durationNanos()));
    return new SwapReport(
        exchanges.size(),
        failures,
        DigestSeen.of(exchanges),
        latencies,
        activations,
        Latencies.of(activationNanos),
        new ReplyCheck(activations).violations(exchanges),
        elapsed(exchanges));
  }

  /** Number of swaps made. */
  public int swaps() {
    return Math.max(0, activations.size() - 1);
  }

  /** Whether every request was answered, and by a bundle that was active. */
  public boolean clean() {
    return failures.isEmpty() && violations.isEmpty();
  }

  /** Latencies of a phase. */
  public Latencies latencies(Phase phase) {
    return latencies.getOrDefault(phase, Latencies.NONE);
  }

  private static long elapsed(List<Exchange> exchanges) {
    return exchanges.isEmpty()
        ? 0
        : exchanges.stream().mapToLong(Exchange::receivedNanos).max().orElseThrow()
            - exchanges.stream().mapToLong(Exchange::sentNanos).min().orElseThrow();
  }
}
