package io.sluice.cli.demo;

import static java.util.Objects.requireNonNull;

import io.sluice.cli.terminal.Quantities;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.Table;
import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.swap.Activated;
import io.sluice.loadtest.swap.DigestSeen;
import io.sluice.loadtest.swap.Phase;
import io.sluice.loadtest.swap.SwapReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the demo tells: numbered chapters, and what of it turned out not to be so. */
final class Story {
  private static final String INDENT = "   ";

  private final Screen screen;
  private final List<String> untrue = new ArrayList<>();
  private int chapters;
  private int checks;

  Story(Screen screen) {
    this.screen = requireNonNull(screen, "screen");
  }

  void chapter(String title) {
    chapters++;
    screen.gap();
    screen.line("%s", screen.strong(chapters + "  " + title));
  }

  void line(String format, Object... arguments) {
    screen.line("%s", INDENT + String.format(Locale.ROOT, format, arguments));
  }

  void table(Table table) {
    table.lines().forEach(row -> line("%s", row));
  }

  /** Remembers a claim, and says so where it does not hold. */
  void check(boolean holds, String claim) {
    checks++;
    if (!holds) {
      untrue.add(claim);
      line("%s", screen.bad("NOT SO: " + claim));
    }
  }

  /** Tells what the clients saw of one swap. */
  void swap(SwapReport report) {
    Activated swap = report.activations().get(report.activations().size() - 1);
    line(
        "%s -> %s in %s: sent, verified, built, warmed, probed, one reference set",
        report.activations().get(0).digest().shortForm(),
        swap.digest().shortForm(),
        Quantities.millis(swap.durationNanos()));
    Table table = new Table("requests", "count>", "p50>", "p99>", "longest>");
    latencies(table, "before the swap", report.latencies(Phase.BEFORE));
    latencies(table, "during it", report.latencies(Phase.DURING));
    latencies(table, "after it", report.latencies(Phase.AFTER));
    table(table);
    line(
        "%d requests, %d failed%s",
        report.requests(),
        report.failures().values().stream().mapToLong(Long::longValue).sum(),
        report.failures().isEmpty() ? "" : " " + report.failures());
    for (DigestSeen seen : report.digests()) {
      line("%d answered by %s", seen.replies(), Demo.shortForm(seen.digest()));
    }
    report.violations().stream().limit(3).forEach(wrong -> line("%s", wrong.message()));
    check(report.failures().isEmpty(), "no request fails");
    check(report.digests().size() == 2, "both bundles answer, one after the other");
    check(
        report.violations().isEmpty(),
        "every reply names a bundle that was active between its sending and its receipt");
  }

  /** Tells how it ended. */
  boolean end(long elapsedNanos) {
    screen.gap();
    if (untrue.isEmpty()) {
      screen.line(
          "%s",
          screen.good(
              String.format(
                  Locale.ROOT, "All %d checks hold. %.0f s.", checks, elapsedNanos / 1e9)));
    } else {
      screen.line("%s", screen.bad("Did not hold: " + String.join("; ", untrue) + "."));
    }
    return untrue.isEmpty();
  }

  private static void latencies(Table table, String when, Latencies latencies) {
    table.row(
        when,
        latencies.count(),
        Quantities.millis(latencies.p50Nanos()),
        Quantities.millis(latencies.p99Nanos()),
        Quantities.millis(latencies.maxNanos()));
  }
}
