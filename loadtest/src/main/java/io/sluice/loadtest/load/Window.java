package io.sluice.loadtest.load;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.Exchange;
import io.sluice.loadtest.Latencies;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * What became of the requests that should have been sent in one stretch of time.
 *
 * @param seconds how long it was
 * @param asked requests
 * @param refused those that were not answered, by status
 * @param lateShare part of the requests that the client sent more than a millisecond late
 * @param goodput answers a second within the latency objective
 * @param latencies of the answers, from when their requests should have been sent
 */
public record Window(
    double seconds,
    long asked,
    SortedMap<String, Long> refused,
    double lateShare,
    double goodput,
    Latencies latencies) {
  private static final long LATE_NANOS = 1_000_000;

  public Window {
    refused = new TreeMap<>(refused);
    requireNonNull(latencies, "latencies");
  }

  /**
   * Counts.
   *
   * @param fromNanos requests intended earlier are warm-up
   * @param toNanos requests intended from then on are left out
   * @param objective answers slower than this are no good
   */
  public static Window of(
      Collection<Exchange> exchanges, long fromNanos, long toNanos, Duration objective) {
    List<Exchange> counted =
        exchanges.stream()
            .filter(one -> one.intendedNanos() >= fromNanos && one.intendedNanos() < toNanos)
            .toList();
    Histogram histogram = Latencies.histogram();
    SortedMap<String, Long> refused = new TreeMap<>();
    long late = 0;
    long good = 0;
    for (Exchange one : counted) {
      late += one.sentNanos() - one.intendedNanos() > LATE_NANOS ? 1 : 0;
      if (one.reply() == null) {
        refused.merge(one.status(), 1L, Long::sum);
      } else {
        histogram.recordValue(Math.max(0, one.latencyNanos()));
        good += one.latencyNanos() <= objective.toNanos() ? 1 : 0;
      }
    }
    double seconds = (toNanos - fromNanos) / 1e9;
    return new Window(
        seconds,
        counted.size(),
        refused,
        counted.isEmpty() ? 0 : (double) late / counted.size(),
        good / seconds,
        Latencies.of(histogram));
  }

  /** Requests a second. */
  public double offered() {
    return asked / seconds;
  }

  /** Answers a second, however late. */
  public double answered() {
    return latencies.count() / seconds;
  }
}
