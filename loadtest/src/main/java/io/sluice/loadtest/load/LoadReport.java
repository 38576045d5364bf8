package io.sluice.loadtest.load;

import io.sluice.loadtest.Bed;
import io.sluice.loadtest.report.BenchReport;
import io.sluice.loadtest.report.Chart;
import io.sluice.loadtest.report.Sheet;
import io.sluice.loadtest.report.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** A rate sweep for people. Stateless. */
public final class LoadReport {
  private static final double MILLI = 1e6;

  private LoadReport() {}

  /** The report of {@code sluice bench load}. */
  public static BenchReport of(Bed bed, Phase phase, RateSweep.Found found) {
    List<String> facts = new ArrayList<>(bed.setting());
    facts.add(
        format(
            "Poisson arrivals, seed %d; %.0f s for each rate and round after %.0f s of warm-up, %d"
                + " rounds in turns; latency from the intended send; objective %d ms.",
            bed.seed(),
            phase.time().toMillis() / 1e3,
            phase.warmUp().toMillis() / 1e3,
            found.steps().get(0).windows().size(),
            phase.objective().toMillis()));
    facts.add(
        format(
            "Closed loop of 16 clients: %.0f answers/s. Capacity, the highest rate with %.0f %% of"
                + " its requests answered within the objective: %.0f/s.",
            found.closedPerSecond(), 100 * RateSweep.CARRIED, found.capacity()));
    return new BenchReport(
        "load",
        bed.environment(),
        facts,
        List.of(),
        List.of(sheet(found)),
        List.of(latency(found), goodput(found)),
        found);
  }

  /** One row for each rate. */
  public static Sheet sheet(RateSweep.Found found) {
    Sheet sheet =
        Sheet.of(
            "Requests/s intended",
            "answered/s",
            "goodput/s",
            "p50 ms",
            "p90",
            "p95",
            "p99",
            "p99.9",
            "max",
            "sent late",
            "refused");
    for (RateSweep.Step step : found.steps()) {
      sheet =
          sheet.with(
              format("%.0f", step.rate()),
              format("%.0f", step.spread(Window::answered).median()),
              step.spread(Window::goodput).text(0),
              millis(step, window -> window.latencies().p50Nanos()).text(1),
              format("%.1f", millis(step, window -> window.latencies().p90Nanos()).median()),
              format("%.1f", millis(step, window -> window.latencies().p95Nanos()).median()),
              millis(step, window -> window.latencies().p99Nanos()).text(1),
              format("%.1f", millis(step, window -> window.latencies().p999Nanos()).median()),
              format("%.0f", millis(step, window -> window.latencies().maxNanos()).max()),
              format("%.1f %%", 100 * step.spread(Window::lateShare).median()),
              refused(step.windows()));
    }
    return sheet;
  }

  /** Refusals of some windows together: {@code none} or {@code RESOURCE_EXHAUSTED 12}. */
  static String refused(List<Window> windows) {
    SortedMap<String, Long> all = new TreeMap<>();
    windows.forEach(
        window -> window.refused().forEach((status, count) -> all.merge(status, count, Long::sum)));
    if (all.isEmpty()) {
      return "none";
    }
    List<String> parts = new ArrayList<>();
    all.forEach((status, count) -> parts.add(status + " " + count));
    return String.join(", ", parts);
  }

  private static Spread millis(RateSweep.Step step, ToDoubleFunction<Window> nanos) {
    return step.spread(window -> nanos.applyAsDouble(window) / MILLI);
  }

  private static Chart latency(RateSweep.Found found) {
    return Chart.of("latency", "Latency by rate", "requests a second", "milliseconds")
        .with("p50", points(found, window -> window.latencies().p50Nanos() / MILLI))
        .with("p90", points(found, window -> window.latencies().p90Nanos() / MILLI))
        .with("p99", points(found, window -> window.latencies().p99Nanos() / MILLI));
  }

  private static Chart goodput(RateSweep.Found found) {
    return Chart.of(
            "goodput", "Answers within the objective by rate", "requests a second", "a second")
        .with("offered", points(found, Window::offered))
        .with("answered", points(found, Window::answered))
        .with("goodput", points(found, Window::goodput));
  }

  private static List<Chart.Point> points(RateSweep.Found found, ToDoubleFunction<Window> figure) {
    return found.steps().stream()
        .map(step -> new Chart.Point(step.rate(), step.spread(figure).median()))
        .toList();
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
