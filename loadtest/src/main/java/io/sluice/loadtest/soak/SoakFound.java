package io.sluice.loadtest.soak;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.vitals.Vitals;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a soak saw.
 *
 * @param rate requests a second, intended
 * @param ends by kind of request, how many ended how
 * @param unexpected ends that no correct server gives, the first of them in words
 * @param unexpectedCount how many
 * @param changes administrative calls by kind
 * @param latencies of the plain requests that were answered
 * @param vitals the server's process, each after a collection of its garbage
 * @param alive whether the server ran at the end
 */
public record SoakFound(
    SoakSettings settings,
    double rate,
    Map<String, Map<String, Long>> ends,
    List<String> unexpected,
    long unexpectedCount,
    Map<String, Long> changes,
    Latencies latencies,
    List<Vitals> vitals,
    boolean alive) {
  public SoakFound {
    requireNonNull(settings, "settings");
    ends = new TreeMap<>(ends);
    unexpected = List.copyOf(unexpected);
    changes = new TreeMap<>(changes);
    requireNonNull(latencies, "latencies");
    vitals = List.copyOf(vitals);
  }

  /** Requests of all kinds. */
  public long requests() {
    return ends.values().stream()
        .flatMap(byStatus -> byStatus.values().stream())
        .mapToLong(Long::longValue)
        .sum();
  }
}
