package io.sluice.loadtest.load;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.AsyncCalls;
import io.sluice.loadtest.Bed;
import io.sluice.loadtest.Progress;
import io.sluice.loadtest.TaskMix;
import io.sluice.loadtest.report.BenchReport;
import io.sluice.loadtest.report.Chart;
import io.sluice.loadtest.report.Sheet;
import io.sluice.loadtest.report.Spread;
import io.sluice.loadtest.report.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * A server that is asked for more than it can do. Rates around its capacity and a multiple of it
 * take turns in every round. Confined to one thread.
 */
public final class Overload {
  /** How many times as much as the server can do. */
  public static final double FACTOR = 3;

  /** Parts of what a closed loop gets among which the peak of the goodput is looked for. */
  private static final List<Double> BELOW = List.of(0.8, 0.95);

  private static final double LEAST_GOODPUT = 0.9;
  private static final int CONNECTIONS = 4;
  private static final String REFUSED = "RESOURCE_EXHAUSTED";

  /**
   * One round.
   *
   * @param below windows at rates the server about carries
   * @param over the window at the multiple
   */
  public record Round(List<Window> below, Window over) {
    public Round {
      below = List.copyOf(below);
    }

    double peak() {
      return below.stream().mapToDouble(Window::goodput).max().orElse(0);
    }
  }

  /** All rounds, and what a closed loop got before them. */
  public record Found(double closedPerSecond, List<Round> rounds) {
    public Found {
      rounds = List.copyOf(rounds);
    }
  }

  private final Phase phase;
  private final TaskMix tasks;
  private final long seed;

  public Overload(Phase phase, TaskMix tasks, long seed) {
    this.phase = requireNonNull(phase, "phase");
    this.tasks = requireNonNull(tasks, "tasks");
    this.seed = seed;
  }

  /** Runs. */
  public Found run(int rounds, Progress progress) throws InterruptedException {
    progress.at(0, "closed loop");
    double closed = new RateSweep(phase, tasks, seed).closedPerSecond();
    double all = 1 + rounds * (BELOW.size() + 1.0);
    double done = 1;
    List<Round> made = new ArrayList<>();
    try (AsyncCalls calls = new AsyncCalls(phase.target(), CONNECTIONS)) {
      for (int round = 0; round < rounds; round++) {
        List<Window> below = new ArrayList<>();
        for (double part : BELOW) {
          progress.at(done++ / all, format("%.0f/s, round %d", part * closed, round + 1));
          below.add(phase.open(calls, tasks, part * closed, seed + done(done)));
        }
        progress.at(done++ / all, format("%.0f/s, round %d", FACTOR * closed, round + 1));
        Window over = phase.open(calls, tasks, FACTOR * closed, seed + done(done));
        made.add(new Round(below, over));
      }
    }
    return new Found(closed, made);
  }

  /**
   * The report of {@code sluice bench overload}.
   *
   * @param bound what the 99th percentile of the answers may be
   */
  public static BenchReport report(Bed bed, Phase phase, Found found, Duration bound) {
    List<Window> over = found.rounds().stream().map(Round::over).toList();
    Spread ratio =
        Spread.of(found.rounds().stream().map(one -> one.over().goodput() / one.peak()).toList());
    Spread p99 = Spread.of(over.stream().map(one -> one.latencies().p99Nanos() / 1e6).toList());
    long others =
        over.stream()
            .flatMap(window -> window.refused().entrySet().stream())
            .filter(entry -> !entry.getKey().equals(REFUSED))
            .mapToLong(Map.Entry::getValue)
            .sum();
    List<String> facts = new ArrayList<>(bed.setting());
    facts.add(
        format(
            "Poisson arrivals, seed %d; %.0f s a window after %.0f s of warm-up, %d rounds in"
                + " turns; goodput counts answers within %d ms of the intended send. Closed loop:"
                + " %.0f/s.",
            bed.seed(),
            phase.time().toMillis() / 1e3,
            phase.warmUp().toMillis() / 1e3,
            found.rounds().size(),
            phase.objective().toMillis(),
            found.closedPerSecond()));
    return new BenchReport(
        "overload",
        bed.environment(),
        facts,
        List.of(
            Verdict.atLeast(
                "goodput at 3 times the load / peak goodput, by round",
                ratio.median(),
                LEAST_GOODPUT,
                ""),
            Verdict.atMost("refusals other than " + REFUSED, (double) others, 0, ""),
            Verdict.atMost("p99 of the answers", p99.median(), (double) bound.toMillis(), "ms")),
        List.of(sheet(found), ratios(ratio, p99)),
        List.of(chart(found)),
        found);
  }

  private static Sheet ratios(Spread ratio, Spread p99) {
    return Sheet.of("At 3 times the load", "median over the rounds", "from", "to")
        .with(
            "goodput / peak goodput of the round",
            ratio.text(2),
            format("%.2f", ratio.min()),
            format("%.2f", ratio.max()))
        .with(
            "p99 of the answers, ms",
            p99.text(0),
            format("%.0f", p99.min()),
            format("%.0f", p99.max()));
  }

  private static Sheet sheet(Found found) {
    Sheet sheet =
        Sheet.of(
            "Load",
            "offered/s",
            "answered/s",
            "goodput/s",
            "p50 ms",
            "p99 ms",
            "max ms",
            "sent late",
            "refused");
    for (int i = 0; i < BELOW.size(); i++) {
      int part = i;
      List<Window> windows = found.rounds().stream().map(one -> one.below().get(part)).toList();
      sheet = row(sheet, format("%.2f of the closed loop", BELOW.get(i)), windows);
    }
    return row(sheet, "3 times", found.rounds().stream().map(Round::over).toList());
  }

  private static Sheet row(Sheet sheet, String name, List<Window> windows) {
    return sheet.with(
        name,
        spread(windows, Window::offered).text(0),
        spread(windows, Window::answered).text(0),
        spread(windows, Window::goodput).text(0),
        spread(windows, window -> window.latencies().p50Nanos() / 1e6).text(1),
        spread(windows, window -> window.latencies().p99Nanos() / 1e6).text(1),
        format("%.0f", spread(windows, window -> window.latencies().maxNanos() / 1e6).max()),
        format("%.1f %%", 100 * spread(windows, Window::lateShare).median()),
        LoadReport.refused(windows));
  }

  private static Chart chart(Found found) {
    List<Chart.Point> peak = new ArrayList<>();
    List<Chart.Point> over = new ArrayList<>();
    for (int i = 0; i < found.rounds().size(); i++) {
      peak.add(new Chart.Point(i + 1, found.rounds().get(i).peak()));
      over.add(new Chart.Point(i + 1, found.rounds().get(i).over().goodput()));
    }
    return Chart.of("goodput", "Goodput by round", "round", "answers a second in time")
        .with("peak below capacity", peak)
        .with("at 3 times the load", over);
  }

  private static Spread spread(List<Window> windows, ToDoubleFunction<Window> figure) {
    return Spread.of(windows.stream().map(figure::applyAsDouble).toList());
  }

  private static long done(double steps) {
    return Math.round(1000 * steps);
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
