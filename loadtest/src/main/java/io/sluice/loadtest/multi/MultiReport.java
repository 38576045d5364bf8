package io.sluice.loadtest.multi;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.Bed;
import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.report.BenchReport;
import io.sluice.loadtest.report.Chart;
import io.sluice.loadtest.report.Sheet;
import io.sluice.loadtest.report.Spread;
import io.sluice.loadtest.report.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Several tasks over one text, for people. Stateless. */
public final class MultiReport {
  private static final double MOST_COST = 1.6;
  private static final double SAME_ANSWER = 1e-5;

  /** A GPU takes other ways to the same sum for other sizes of batches. */
  private static final double SAME_ANSWER_ROUNDED = 1e-3;

  private MultiReport() {}

  /**
   * The report of {@code sluice bench multi}.
   *
   * @param higher the same for tasks whose adapters begin higher, maybe none
   * @param rounds whether the server computes on a device that rounds with the size of a batch
   */
  public static BenchReport of(Bed bed, MultiFound found, List<MultiFound> higher, boolean rounds) {
    List<String> facts = new ArrayList<>(bed.setting());
    facts.add(
        format(
            "%d tasks with adapters at points %s; one client, all ways in turns for every text,"
                + " time until the last answer. %d blocks were computed once for all tasks.",
            found.tasks(), found.points(), found.layersShared()));
    Sheet times = Sheet.of("One text, ms", "p50, by round", "p90", "p99", "max");
    for (Way way : Way.values()) {
      Latencies latencies = requireNonNull(found.latencies().get(way));
      times =
          times.with(
              way.words(),
              found.spread(way).text(2),
              format("%.2f", latencies.p90Nanos() / 1e6),
              format("%.2f", latencies.p99Nanos() / 1e6),
              format("%.1f", latencies.maxNanos() / 1e6));
    }
    return new BenchReport(
        "multi",
        bed.environment(),
        facts,
        List.of(
            Verdict.atMost(
                found.tasks() + " tasks in one request / one task, by round",
                found.ratio(Way.MULTI, Way.ONE_TASK).median(),
                MOST_COST,
                ""),
            Verdict.atMost(
                "largest difference of a score from that of a request of its own",
                found.largestDifference(),
                rounds ? SAME_ANSWER_ROUNDED : SAME_ANSWER,
                "")),
        sheets(times, found, higher),
        List.of(chart(found)),
        found);
  }

  private static List<Sheet> sheets(Sheet times, MultiFound found, List<MultiFound> higher) {
    List<Sheet> sheets = new ArrayList<>(List.of(times, ratios(found)));
    if (!higher.isEmpty()) {
      sheets.add(places(found, higher));
    }
    return sheets;
  }

  /** What is computed once for all tasks is what lies below their lowest adapter. */
  private static Sheet places(MultiFound found, List<MultiFound> higher) {
    Sheet sheet =
        Sheet.of(
            "By the lowest adapter's place",
            "blocks for all",
            "all in one request / one task, by round",
            "a request each, at once / one request");
    List<MultiFound> all = new ArrayList<>(List.of(found));
    all.addAll(higher);
    for (MultiFound one : all) {
      sheet =
          sheet.with(
              "point " + one.points().get(0),
              String.valueOf(one.layersShared()),
              one.ratio(Way.MULTI, Way.ONE_TASK).text(2),
              one.ratio(Way.AT_ONCE, Way.MULTI).text(2));
    }
    return sheet;
  }

  private static Sheet ratios(MultiFound found) {
    Sheet sheet = Sheet.of("Cost, by round", "ratio", "from", "to");
    sheet = ratio(sheet, "all in one request / one task", found.ratio(Way.MULTI, Way.ONE_TASK));
    sheet =
        ratio(sheet, "a request each, at once / one request", found.ratio(Way.AT_ONCE, Way.MULTI));
    return ratio(
        sheet,
        "a request each, in sequence / one request",
        found.ratio(Way.IN_SEQUENCE, Way.MULTI));
  }

  private static Sheet ratio(Sheet sheet, String what, Spread spread) {
    return sheet.with(
        what, spread.text(2), format("%.2f", spread.min()), format("%.2f", spread.max()));
  }

  private static Chart chart(MultiFound found) {
    Chart chart = Chart.of("time", "Median time of a text by round", "round", "milliseconds");
    for (Way way : Way.values()) {
      List<Chart.Point> points = new ArrayList<>();
      List<Double> medians = requireNonNull(found.medianMillis().get(way));
      for (int round = 0; round < medians.size(); round++) {
        points.add(new Chart.Point(round + 1, medians.get(round)));
      }
      chart = chart.with(way.words(), points);
    }
    return chart;
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
