package io.sluice.loadtest.scale;

import io.sluice.loadtest.Bed;
import io.sluice.loadtest.report.BenchReport;
import io.sluice.loadtest.report.Chart;
import io.sluice.loadtest.report.Sheet;
import io.sluice.loadtest.report.Spread;
import io.sluice.loadtest.report.Verdict;
import io.sluice.loadtest.vitals.Vitals;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** A server with more and more tasks, for people. Stateless. */
public final class TasksReport {
  private static final double MOST_LOSS = 0.05;
  private static final double KIBI = 1024;
  private static final double MEBI = 1 << 20;
  private static final double MORE_THAN_WEIGHTS_KIB = 10;

  /** With fewer, the process's own movements would be counted as the tasks'. */
  private static final int LEAST_TASKS = 500;

  private TasksReport() {}

  /** The report of {@code sluice bench tasks}. */
  public static BenchReport of(Bed bed, TasksSettings settings, TasksFound found) {
    List<String> facts = new ArrayList<>(bed.setting());
    facts.add(
        format(
            "A task: %s; weights %.1f KiB. Registered over %d connections at once. %d clients in a closed loop, popularity 1 / rank^%.2f,"
                + " %d rounds in turns; every answer's digest was checked.",
            found.structure(),
            found.weightBytes() / KIBI,
            settings.connections(),
            settings.clients(),
            settings.exponent(),
            settings.rounds()));
    List<Sheet> sheets = new ArrayList<>(List.of(speed(found), memory(found)));
    TasksFound.Peer peer = found.peer();
    if (peer != null) {
      sheets.add(peer(peer, found));
    }
    return new BenchReport(
        "tasks",
        bed.environment(),
        facts,
        verdicts(found),
        sheets,
        List.of(rates(found), bytes(found)),
        found);
  }

  private static List<Verdict> verdicts(TasksFound found) {
    TasksFound.Step last = found.last();
    List<Verdict> verdicts = new ArrayList<>();
    verdicts.add(
        Verdict.atMost(
            "throughput lost with " + last.tasks() + " tasks against one, by round",
            last.loss().median(),
            MOST_LOSS,
            ""));
    if (last.tasks() - found.base().tasks() >= LEAST_TASKS) {
      verdicts.add(
          Verdict.atMost(
              "memory of the server per task, counted from " + found.base().tasks() + " tasks",
              found.perTask() / KIBI,
              found.weightBytes() / KIBI + MORE_THAN_WEIGHTS_KIB,
              "KiB"));
    }
    verdicts.add(
        Verdict.atMost(
            "requests refused, and answers by another bundle",
            (double) found.steps().stream().mapToLong(one -> one.failures() + one.wrong()).sum(),
            0,
            ""));
    return verdicts;
  }

  private static Sheet speed(TasksFound found) {
    Sheet sheet =
        Sheet.of(
            "Tasks",
            "one task, answers/s",
            "all tasks, answers/s",
            "lost, by round",
            "register p50 ms",
            "p99 ms",
            "a second");
    for (TasksFound.Step step : found.steps()) {
      boolean some = step.registrations().count() > 0;
      sheet =
          sheet.with(
              String.valueOf(step.tasks()),
              Spread.of(step.one()).text(0),
              Spread.of(step.mix()).text(0),
              percent(step.loss()),
              some ? format("%.1f", step.registrations().p50Nanos() / 1e6) : "",
              some ? format("%.1f", step.registrations().p99Nanos() / 1e6) : "",
              some ? format("%.0f", step.registrations().count() / step.registeringSeconds()) : "");
    }
    return sheet;
  }

  private static Sheet memory(TasksFound found) {
    Sheet sheet =
        Sheet.of(
            "Tasks",
            "process, MiB",
            "of it heap in use",
            "direct buffers",
            "per task from " + found.base().tasks() + " on, KiB",
            "of it heap",
            "direct",
            "rest",
            "structures compiled");
    for (TasksFound.Step step : found.steps()) {
      Vitals now = step.vitals();
      Vitals base = found.base().settled();
      int more = step.tasks() - found.base().tasks();
      boolean some = more > 0;
      double heap = now.heapBytes() - base.heapBytes();
      double direct = now.directBytes() - base.directBytes();
      double all = now.usedBytes() - base.usedBytes();
      sheet =
          sheet.with(
              String.valueOf(step.tasks()),
              format("%.0f", now.usedBytes() / MEBI),
              format("%.1f", now.heapBytes() / MEBI),
              format("%.1f", now.directBytes() / MEBI),
              some ? format("%.1f", all / more / KIBI) : "",
              some ? format("%.1f", heap / more / KIBI) : "",
              some ? format("%.1f", direct / more / KIBI) : "",
              some ? format("%.1f", (all - heap - direct) / more / KIBI) : "",
              String.valueOf(step.compiled()));
    }
    return sheet;
  }

  private static Sheet peer(TasksFound.Peer peer, TasksFound found) {
    return Sheet.of("The same tasks", "tasks", "MiB", "MiB a task", "answers/s")
        .with(
            "merged models, a plain session each" + (peer.full() ? " (memory full)" : ""),
            String.valueOf(peer.sessions()),
            format("%.0f", peer.bytes() / MEBI),
            format("%.1f", peer.bytes() / MEBI / Math.max(1, peer.sessions())),
            Spread.of(peer.rows()).text(0) + ", tokens in")
        .with(
            "this server over those tasks",
            String.valueOf(peer.sessions()),
            "",
            format("%.2f", found.perTask() / MEBI),
            Spread.of(peer.served()).text(0) + ", texts over gRPC");
  }

  private static Chart rates(TasksFound found) {
    return Chart.of("throughput", "Throughput by number of tasks", "tasks", "answers a second")
        .logarithmic()
        .with("all tasks", points(found, step -> Spread.of(step.mix()).median()))
        .with("one task", points(found, step -> Spread.of(step.one()).median()));
  }

  private static Chart bytes(TasksFound found) {
    return Chart.of("memory", "Memory of the server by number of tasks", "tasks", "MiB")
        .logarithmic()
        .with("process", points(found, step -> step.vitals().usedBytes() / MEBI))
        .with(
            "weights alone",
            points(
                found,
                step ->
                    (found.empty().usedBytes() + (step.tasks() - 1.0) * found.weightBytes())
                        / MEBI));
  }

  private static List<Chart.Point> points(
      TasksFound found, ToDoubleFunction<TasksFound.Step> figure) {
    return found.steps().stream()
        .map(step -> new Chart.Point(step.tasks(), figure.applyAsDouble(step)))
        .toList();
  }

  private static String percent(Spread loss) {
    return format(
        "%.1f %% [%.1f, %.1f]",
        100 * loss.median(), 100 * loss.lowerQuartile(), 100 * loss.upperQuartile());
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
