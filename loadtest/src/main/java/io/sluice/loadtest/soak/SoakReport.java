package io.sluice.loadtest.soak;

import io.sluice.loadtest.Bed;
import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.report.BenchReport;
import io.sluice.loadtest.report.Chart;
import io.sluice.loadtest.report.Sheet;
import io.sluice.loadtest.report.Verdict;
import io.sluice.loadtest.vitals.Trend;
import io.sluice.loadtest.vitals.Vitals;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** A soak for people. Stateless. */
public final class SoakReport {
  /** Of the samples, this part at the beginning is warm-up. */
  private static final double DROPPED = 0.25;

  /** With fewer samples a trend says nothing. */
  private static final int LEAST_SAMPLES = 20;

  private static final double MEBI = 1 << 20;

  /**
   * A measure that ought not to grow.
   *
   * @param mostGrowth over the time looked at, as a share of the median
   */
  private record Measure(String name, ToDoubleFunction<Vitals> value, double mostGrowth) {}

  private static final List<Measure> MEASURES =
      List.of(
          new Measure("resident memory", one -> one.residentBytes() / MEBI, 0.03),
          new Measure("heap in use, MiB", one -> one.heapBytes() / MEBI, 0.05),
          new Measure("direct buffers, MiB", one -> one.directBytes() / MEBI, 0.02),
          new Measure("open files", Vitals::openFiles, 0.02),
          new Measure("threads", Vitals::threads, 0.02));

  private SoakReport() {}

  /** The report of {@code sluice bench soak}. */
  public static BenchReport of(Bed bed, String task, SoakFound found) {
    SoakSettings settings = found.settings();
    Latencies latencies = found.latencies();
    List<String> facts = new ArrayList<>(bed.setting());
    facts.add(
        format(
            "%s of %d requests at %.0f/s (%.2f of what a closed loop gets) over %d tasks of %s; %s"
                + " changes of bundles. Plain requests: p50 %.1f ms, p99 %.1f ms, max %.0f ms.",
            settings.duration(),
            found.requests(),
            found.rate(),
            settings.load(),
            settings.tasks(),
            task,
            found.changes(),
            latencies.p50Nanos() / 1e6,
            latencies.p99Nanos() / 1e6,
            latencies.maxNanos() / 1e6));
    facts.add(
        format(
            "Samples every %s, each after a collection of the server's garbage; trends by Theil and"
                + " Sen over the last %.0f %% of them.",
            settings.sampleEvery(), 100 * (1 - DROPPED)));
    facts.addAll(found.unexpected());
    return new BenchReport(
        "soak",
        bed.environment(),
        facts,
        verdicts(found),
        List.of(ends(found), trends(found)),
        List.of(
            chart(found, "memory", "Memory of the server", "MiB", MEASURES.subList(0, 3)),
            chart(found, "handles", "Handles of the server", "number", MEASURES.subList(3, 5))),
        found);
  }

  private static List<Verdict> verdicts(SoakFound found) {
    List<Verdict> verdicts = new ArrayList<>();
    verdicts.add(Verdict.atLeast("server runs at the end", found.alive() ? 1 : 0, 1, ""));
    verdicts.add(Verdict.atMost("unexpected ends", (double) found.unexpectedCount(), 0, ""));
    if (late(found).size() >= LEAST_SAMPLES) {
      for (Measure measure : MEASURES) {
        verdicts.add(
            Verdict.atMost(
                "growth of " + measure.name() + ", share of its median",
                trend(found, measure).growthShare(),
                measure.mostGrowth(),
                ""));
      }
    }
    return verdicts;
  }

  private static Sheet ends(SoakFound found) {
    Sheet sheet = Sheet.of("Requests", "how they ended");
    for (Map.Entry<String, Map<String, Long>> kind : found.ends().entrySet()) {
      List<String> parts = new ArrayList<>();
      kind.getValue().forEach((status, count) -> parts.add(status + " " + count));
      sheet =
          sheet.with(
              kind.getKey().toLowerCase(Locale.ROOT).replace('_', ' '), String.join(", ", parts));
    }
    return sheet;
  }

  private static Sheet trends(SoakFound found) {
    Sheet sheet = Sheet.of("Server", "median", "first", "last", "growth an hour", "over the time");
    if (late(found).size() < 2) {
      return sheet;
    }
    for (Measure measure : MEASURES) {
      Trend trend = trend(found, measure);
      List<Vitals> all = found.vitals();
      sheet =
          sheet.with(
              measure.name(),
              format("%.1f", trend.median()),
              format("%.1f", measure.value().applyAsDouble(all.get(0))),
              format("%.1f", measure.value().applyAsDouble(all.get(all.size() - 1))),
              format("%+.2f", trend.perSecond() * 3600),
              format("%+.2f %%", 100 * trend.growthShare()));
    }
    return sheet;
  }

  private static Trend trend(SoakFound found, Measure measure) {
    List<Vitals> late = late(found);
    return Trend.of(
        late.stream().map(one -> one.atNanos() / 1e9).toList(),
        late.stream().map(one -> measure.value().applyAsDouble(one)).toList());
  }

  private static List<Vitals> late(SoakFound found) {
    int dropped = (int) Math.ceil(DROPPED * found.vitals().size());
    return found.vitals().subList(dropped, found.vitals().size());
  }

  private static Chart chart(
      SoakFound found, String name, String title, String unit, List<Measure> measures) {
    Chart chart = Chart.of(name, title, "minutes", unit);
    long begin = found.vitals().get(0).atNanos();
    for (Measure measure : measures) {
      chart =
          chart.with(
              measure.name(),
              found.vitals().stream()
                  .map(
                      one ->
                          new Chart.Point(
                              (one.atNanos() - begin) / 6e10, measure.value().applyAsDouble(one)))
                  .toList());
    }
    return chart;
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
