package io.sluice.loadtest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * What clients saw while something was done to the server.
 *
 * @param errors failed requests by gRPC status; empty is what one hopes for
 * @param digests which bundles answered, by first reply
 * @param before replies to requests sent before the action
 * @param through replies to requests sent during it
 * @param after replies to requests sent after it
 * @param action how long the action took
 */
public record SwapReport(
    Map<String, Long> errors,
    List<Answering> digests,
    Latency before,
    Latency through,
    Latency after,
    Duration action) {

  /**
   * One bundle and when it answered, counted from the start of the action; before it is negative.
   */
  public record Answering(String digest, long replies, Duration first, Duration last) {}

  /** Times of replies, in nanoseconds; zeros when there were none. */
  public record Latency(
      long replies, long p50Nanos, long p90Nanos, long p99Nanos, long greatestNanos) {
    static Latency of(Histogram histogram) {
      return new Latency(
          histogram.getTotalCount(),
          histogram.getValueAtPercentile(50),
          histogram.getValueAtPercentile(90),
          histogram.getValueAtPercentile(99),
          histogram.getMaxValue());
    }
  }

  public SwapReport {
    errors = Collections.unmodifiableMap(new TreeMap<>(errors));
    digests = List.copyOf(digests);
  }

  /** Requests that were answered. */
  public long replies() {
    return before.replies() + through.replies() + after.replies();
  }

  /** Gathers what clients saw. Confined to one thread. */
  static final class Builder {
    private static final int DIGITS = 3;

    private final long startNanos;
    private final long endNanos;
    private final Map<String, Long> errors = new TreeMap<>();
    private final Map<String, long[]> digests = new LinkedHashMap<>();
    private final Histogram before = new Histogram(DIGITS);
    private final Histogram through = new Histogram(DIGITS);
    private final Histogram after = new Histogram(DIGITS);

    Builder(long startNanos, long endNanos) {
      this.startNanos = startNanos;
      this.endNanos = endNanos;
    }

    void errors(String status, long count) {
      errors.merge(status, count, Long::sum);
    }

    void reply(long sentNanos, long receivedNanos, String digest) {
      Histogram phase = through;
      if (sentNanos - startNanos < 0) {
        phase = before;
      } else if (sentNanos - endNanos >= 0) {
        phase = after;
      }
      phase.recordValue(receivedNanos - sentNanos);
      long at = receivedNanos - startNanos;
      long[] seen = digests.computeIfAbsent(digest, fresh -> new long[] {0, at, at});
      seen[0]++;
      seen[1] = Math.min(seen[1], at);
      seen[2] = Math.max(seen[2], at);
    }

    SwapReport build() {
      List<Answering> answering = new ArrayList<>();
      digests.forEach(
          (digest, seen) ->
              answering.add(
                  new Answering(
                      digest, seen[0], Duration.ofNanos(seen[1]), Duration.ofNanos(seen[2]))));
      answering.sort(Comparator.comparing(Answering::first));
      return new SwapReport(
          errors,
          answering,
          Latency.of(before),
          Latency.of(through),
          Latency.of(after),
          Duration.ofNanos(endNanos - startNanos));
    }
  }
}
