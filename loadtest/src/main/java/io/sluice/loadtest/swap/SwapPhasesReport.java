package io.sluice.loadtest.swap;

import io.sluice.loadtest.Bed;
import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.load.Phase;
import io.sluice.loadtest.report.BenchReport;
import io.sluice.loadtest.report.Chart;
import io.sluice.loadtest.report.Sheet;
import io.sluice.loadtest.report.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What swaps do to those who ask, for people. Stateless. */
public final class SwapPhasesReport {
  private static final double MOST_FIRST_ANSWER_MS = 50;
  private static final double MOST_RATIO = 1.15;

  private SwapPhasesReport() {}

  /**
   * The report of {@code sluice bench swap}.
   *
   * @param task what a task of it is, in words
   */
  public static BenchReport of(Bed bed, String task, Phase phase, SwapFound found) {
    List<String> facts = new ArrayList<>(bed.setting());
    facts.add(
        format(
            "A task: %s. Poisson arrivals at %.0f/s, %.2f of what a closed loop gets; %d pairs of a"
                + " quiet stretch and one with %.0f swaps/s, %.0f s each after %.0f s of warm-up,"
                + " which comes first changing from pair to pair.",
            task,
            found.rate(),
            found.settings().load(),
            found.pairs().size(),
            found.settings().perSecond(),
            phase.time().toMillis() / 1e3,
            phase.warmUp().toMillis() / 1e3));
    facts.add(
        format(
            "%d requests, %d swaps (%.1f/s): failed %s, replies by a bundle that was not active %d.",
            found.requests(),
            found.activations().count(),
            found.activations().count() / found.swappingSeconds(),
            found.failures().isEmpty() ? "0" : found.failures().toString(),
            found.violations().size()));
    found.violations().stream().limit(5).forEach(facts::add);
    Sheet sheet = Sheet.of("Milliseconds", "count", "p50", "p90", "p99", "p99.9", "max");
    sheet = row(sheet, "requests, quiet", found.quiet());
    sheet = row(sheet, "requests, with swaps", found.swapping());
    sheet = row(sheet, "swap (activation of a stored bundle)", found.activations());
    sheet = row(sheet, "new bundle, sent to first answer, idle", found.firstAnswerIdle());
    sheet = row(sheet, "new bundle, sent to first answer, under load", found.firstAnswerBusy());
    Sheet ratios =
        Sheet.of("p99 with swaps / without", "median of the pairs", "all pairs together")
            .with("ratio", found.ratios().text(2), format("%.2f", together(found)));
    return new BenchReport(
        "swap",
        bed.environment(),
        facts,
        verdicts(found),
        List.of(sheet, ratios),
        List.of(chart(found)),
        found);
  }

  private static double together(SwapFound found) {
    return (double) found.swapping().p99Nanos() / found.quiet().p99Nanos();
  }

  private static List<Verdict> verdicts(SwapFound found) {
    return List.of(
        Verdict.atMost(
            "new bundle of a known structure, sent to first answer, p50 idle",
            found.firstAnswerIdle().p50Nanos() / 1e6,
            MOST_FIRST_ANSWER_MS,
            "ms"),
        Verdict.atMost(
            "p99 with swaps / p99 without, by pair", found.ratios().median(), MOST_RATIO, ""),
        Verdict.atLeast(
            "swaps a second",
            found.activations().count() / found.swappingSeconds(),
            0.95 * found.settings().perSecond(),
            ""),
        Verdict.atMost(
            "failed requests",
            (double) found.failures().values().stream().mapToLong(Long::longValue).sum(),
            0,
            ""),
        Verdict.atMost(
            "replies of a wrong generation or bundle", (double) found.violations().size(), 0, ""));
  }

  private static Sheet row(Sheet sheet, String what, Latencies latencies) {
    return sheet.with(
        what,
        String.valueOf(latencies.count()),
        millis(latencies.p50Nanos()),
        millis(latencies.p90Nanos()),
        millis(latencies.p99Nanos()),
        millis(latencies.p999Nanos()),
        millis(latencies.maxNanos()));
  }

  private static Chart chart(SwapFound found) {
    List<Chart.Point> quiet = new ArrayList<>();
    List<Chart.Point> swapping = new ArrayList<>();
    for (int i = 0; i < found.pairs().size(); i++) {
      quiet.add(new Chart.Point(i + 1, found.pairs().get(i).quiet().p99Nanos() / 1e6));
      swapping.add(new Chart.Point(i + 1, found.pairs().get(i).swapping().p99Nanos() / 1e6));
    }
    return Chart.of("p99", "99th percentile by pair of stretches", "pair", "milliseconds")
        .with("quiet", quiet)
        .with("with swaps", swapping);
  }

  private static String millis(long nanos) {
    return format("%.1f", nanos / 1e6);
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
