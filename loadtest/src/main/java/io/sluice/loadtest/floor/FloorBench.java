package io.sluice.loadtest.floor;

import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.report.BenchReport;
import io.sluice.loadtest.report.Chart;
import io.sluice.loadtest.report.Sheet;
import io.sluice.loadtest.report.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A server against the floor, for people. Stateless. */
public final class FloorBench {
  private static final double MICROS = 1e3;
  private static final double MEBI = 1 << 20;

  private FloorBench() {}

  /** The report of {@code sluice bench floor}. */
  public static BenchReport of(FloorReport report) {
    List<String> facts = new ArrayList<>();
    facts.add(
        format(
            "Server in this process. Backbone %s; bundle %s: %s.",
            report.backbone(), report.bundle().shortForm(), report.structure()));
    facts.add(
        format(
            "%d rounds in turns, %.1f s for each series; median over the rounds, quartiles in"
                + " brackets.",
            report.settings().repeats(), report.settings().series().toMillis() / 1e3));
    if (!report.failures().isEmpty()) {
      facts.add("Refused requests: " + report.failures());
    }
    List<Sheet> sheets =
        new ArrayList<>(
            List.of(latencies(report), throughputs(report), ratios(report), stages(report)));
    MemoryReport memory = report.memory();
    if (memory != null) {
      sheets.add(memory(memory));
      if (memory.mergedSessionBytes() > 0) {
        facts.add(
            format(
                "A session of its own with the adapters merged in costs %.1f MiB per task.",
                memory.mergedSessionBytes() / MEBI));
      }
    }
    return new BenchReport(
        "floor", report.environment(), facts, List.of(), sheets, List.of(chart(report)), report);
  }

  private static Sheet latencies(FloorReport report) {
    Sheet sheet = Sheet.of("One request, ms", "p50", "p90", "p99", "max", "CPU ms");
    for (Measurement one : report.measurements()) {
      if (one.series().kind() == Series.Kind.LATENCY) {
        Spread spread = one.spread();
        sheet =
            sheet.with(
                one.series().description(),
                format(
                    "%.2f [%.2f, %.2f]",
                    spread.median() / MICROS,
                    spread.lowerQuartile() / MICROS,
                    spread.upperQuartile() / MICROS),
                millis(one.latencies().p90Nanos()),
                millis(one.latencies().p99Nanos()),
                millis(one.latencies().maxNanos()),
                cpu(one));
      }
    }
    return sheet;
  }

  private static Sheet throughputs(FloorReport report) {
    Sheet sheet = Sheet.of("Throughput", "rows/s", "p50 ms", "p99 ms", "CPU ms per row");
    for (Measurement one : report.measurements()) {
      if (one.series().kind() == Series.Kind.THROUGHPUT) {
        sheet =
            sheet.with(
                one.series().description(),
                one.spread().text(0),
                millis(one.latencies().p50Nanos()),
                millis(one.latencies().p99Nanos()),
                cpu(one));
      }
    }
    return sheet;
  }

  private static Sheet ratios(FloorReport report) {
    Sheet sheet =
        Sheet.of("Cost (1 = equal, above = dearer)", "ratio of medians", "ratios per round");
    for (Ratio ratio : report.ratios()) {
      Spread spread = ratio.perRepeat();
      sheet =
          sheet.with(
              ratio.of().load() + ": " + ratio.of().who() + " / " + ratio.to().who(),
              format("%.2f", ratio.ofMedians()),
              format("%s, %.2f to %.2f", spread.text(2), spread.min(), spread.max()));
    }
    return sheet;
  }

  private static Sheet stages(FloorReport report) {
    Stages stages = report.stages();
    Sheet sheet = Sheet.of("One served request by stage, ms", "p50", "p99");
    sheet = stage(sheet, "tokenise", stages.tokenize());
    sheet = stage(sheet, "queue", stages.queue());
    sheet = stage(sheet, "compute", stages.compute());
    return stage(sheet, "rest: client, wire, threads", stages.rest());
  }

  private static Sheet stage(Sheet sheet, String name, Latencies stage) {
    return sheet.with(name, millis(stage.p50Nanos()), millis(stage.p99Nanos()));
  }

  private static Sheet memory(MemoryReport memory) {
    Sheet sheet =
        Sheet.of(
            "Tasks",
            "process, MiB",
            "per added task, KiB",
            "weights per task as the server says, KiB",
            "structures compiled");
    MemoryReport.Step last = null;
    for (MemoryReport.Step step : memory.steps()) {
      sheet =
          sheet.with(
              String.valueOf(step.tasks()),
              format("%.1f", step.residentBytes() / MEBI),
              last == null ? "" : format("%.0f", MemoryReport.perTask(last, step) / 1024),
              step.tasks() == 0 ? "" : format("%.0f", step.reportedBytes() / 1024.0 / step.tasks()),
              String.valueOf(step.compiledStructures()));
      last = step;
    }
    return sheet;
  }

  private static Chart chart(FloorReport report) {
    Chart chart =
        Chart.of("latency", "One text of 32 tokens, by round", "round", "milliseconds (median)");
    for (Series series : List.of(Series.PLAIN_TEXT, Series.MERGED_TEXT, Series.SERVED_TEXT)) {
      List<Chart.Point> points = new ArrayList<>();
      List<Double> repeats = report.measurement(series).repeats();
      for (int round = 0; round < repeats.size(); round++) {
        points.add(new Chart.Point(round + 1, repeats.get(round) / MICROS));
      }
      chart = chart.with(series.who(), points);
    }
    return chart;
  }

  private static String cpu(Measurement measurement) {
    Spread spread = measurement.cpuSpread();
    return format(
        "%.2f [%.2f, %.2f]",
        spread.median() / MICROS, spread.lowerQuartile() / MICROS, spread.upperQuartile() / MICROS);
  }

  private static String millis(long nanos) {
    return nanos == 0 ? "" : format("%.2f", nanos / 1e6);
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
