package io.sluice.loadtest.floor;

import io.sluice.loadtest.Latencies;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes reports as Markdown, for {@code docs/performance.md} and for terminals. Stateless. */
public final class FloorMarkdown {
  private static final double MICROS = 1e3;
  private static final double MEBI = 1 << 20;

  private FloorMarkdown() {}

  /** All tables, with the line of the environment first. */
  public static String write(FloorReport report) {
    List<String> lines = new ArrayList<>();
    lines.add(report.environment().line() + ".");
    lines.add(
        format(
            "Backbone %s; bundle %s: %s.",
            report.backbone(), report.bundle().shortForm(), report.structure()));
    lines.add(
        format(
            "%d rounds in turns, %.1f s for each series; median over the rounds, quartiles in"
                + " brackets.",
            report.settings().repeats(), report.settings().series().toMillis() / 1e3));
    lines.add("");
    addLatencies(report, lines);
    addThroughputs(report, lines);
    addRatios(report, lines);
    addStages(report, lines);
    if (!report.failures().isEmpty()) {
      lines.add("Refused requests: " + report.failures());
      lines.add("");
    }
    MemoryReport memory = report.memory();
    if (memory != null) {
      addMemory(memory, lines);
    }
    lines.remove(lines.size() - 1);
    return String.join("\n", lines) + "\n";
  }

  private static void addLatencies(FloorReport report, List<String> lines) {
    addHeader(lines, "One request, ms", "p50", "p90", "p99", "max", "CPU ms");
    for (Measurement one : report.measurements()) {
      if (one.series().kind() == Series.Kind.LATENCY) {
        Spread spread = one.spread();
        addRow(
            lines,
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
    lines.add("");
  }

  private static void addThroughputs(FloorReport report, List<String> lines) {
    addHeader(lines, "Throughput", "rows/s", "p50 ms", "p99 ms", "CPU ms per row");
    for (Measurement one : report.measurements()) {
      if (one.series().kind() == Series.Kind.THROUGHPUT) {
        Spread spread = one.spread();
        addRow(
            lines,
            one.series().description(),
            format(
                "%.0f [%.0f, %.0f]",
                spread.median(), spread.lowerQuartile(), spread.upperQuartile()),
            millis(one.latencies().p50Nanos()),
            millis(one.latencies().p99Nanos()),
            cpu(one));
      }
    }
    lines.add("");
  }

  private static void addRatios(FloorReport report, List<String> lines) {
    addHeader(lines, "Cost (1 = equal, above = dearer)", "ratio of medians", "ratios per round");
    for (Ratio ratio : report.ratios()) {
      Spread spread = ratio.perRepeat();
      addRow(
          lines,
          ratio.of().load() + ": " + ratio.of().who() + " / " + ratio.to().who(),
          format("%.2f", ratio.ofMedians()),
          format(
              "%.2f [%.2f, %.2f], %.2f to %.2f",
              spread.median(),
              spread.lowerQuartile(),
              spread.upperQuartile(),
              spread.min(),
              spread.max()));
    }
    lines.add("");
  }

  private static void addStages(FloorReport report, List<String> lines) {
    Stages stages = report.stages();
    addHeader(lines, "One served request by stage, ms", "p50", "p99");
    addStage(lines, "tokenise", stages.tokenize());
    addStage(lines, "queue", stages.queue());
    addStage(lines, "compute", stages.compute());
    addStage(lines, "rest: client, wire, threads", stages.rest());
    lines.add("");
  }

  private static void addStage(List<String> lines, String name, Latencies stage) {
    addRow(lines, name, millis(stage.p50Nanos()), millis(stage.p99Nanos()));
  }

  private static void addMemory(MemoryReport memory, List<String> lines) {
    addHeader(
        lines,
        "Tasks",
        "process, MiB",
        "per added task, KiB",
        "weights per task as the server says, KiB",
        "structures compiled");
    MemoryReport.Step last = null;
    for (MemoryReport.Step step : memory.steps()) {
      addRow(
          lines,
          String.valueOf(step.tasks()),
          format("%.1f", step.residentBytes() / MEBI),
          last == null ? "" : format("%.0f", MemoryReport.perTask(last, step) / 1024),
          step.tasks() == 0 ? "" : format("%.0f", step.reportedBytes() / 1024.0 / step.tasks()),
          String.valueOf(step.compiledStructures()));
      last = step;
    }
    lines.add("");
    if (memory.mergedSessionBytes() > 0) {
      lines.add(
          format(
              "A session of its own with the adapters merged in costs %.1f MiB per task.",
              memory.mergedSessionBytes() / MEBI));
      lines.add("");
    }
  }

  private static void addHeader(List<String> lines, String... cells) {
    addRow(lines, cells);
    lines.add("|---" + "|--:".repeat(cells.length - 1) + "|");
  }

  private static void addRow(List<String> lines, String... cells) {
    lines.add("| " + String.join(" | ", cells) + " |");
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
