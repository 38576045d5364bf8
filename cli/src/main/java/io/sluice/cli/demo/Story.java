package io.sluice.cli.demo;

import static java.util.Objects.requireNonNull;

import io.sluice.cli.terminal.Quantities;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the demo tells: numbered chapters, and what of it turned out not to be so. */
final class Story {
  private static final String INDENT = "   ";
  private static final long PATIENCE_NANOS = 60_000_000_000L;

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

  /** Waits until a stream has so many replies. */
  void await(RequestStream stream, int count) throws InterruptedException {
    long start = System.nanoTime();
    while (stream.count() < count) {
      if (System.nanoTime() - start > PATIENCE_NANOS) {
        check(false, count + " replies within a minute (there were " + stream.count() + ")");
        return;
      }
      Thread.sleep(5);
    }
  }

  /** Tells what a stream of requests saw of a swap. */
  void swap(SwapReport report) {
    line(
        "%s -> %s in %s: bytes sent, verified, built, warmed, probed, one reference set",
        Demo.shortForm(report.before()),
        Demo.shortForm(report.after()),
        Quantities.millis(report.endNanos() - report.startNanos()));
    Table table = new Table("requests", "count>", "p50>", "p99>", "longest>");
    latencies(table, "before the swap", report.beforeSwap());
    latencies(table, "during it", report.throughSwap());
    latencies(table, "after it", report.afterSwap());
    table(table);
    line(
        "%d requests, %d failed; %d answered by %s, %d by %s",
        report.requests().size(),
        report.failed().size(),
        report.answeredBy(report.before()),
        Demo.shortForm(report.before()),
        report.answeredBy(report.after()),
        Demo.shortForm(report.after()));
    report.failed().stream().limit(1).forEach(failed -> line("%s", failed.failure()));
    check(report.failed().isEmpty(), "no request fails");
    check(report.answeredBy(report.after()) > 0, "the new bundle answers");
    check(
        report.untrue() == 0,
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
    if (latencies.count() == 0) {
      table.row(when, 0, "", "", "");
      return;
    }
    table.row(
        when,
        latencies.count(),
        Quantities.millis(latencies.percentile(0.5)),
        Quantities.millis(latencies.percentile(0.99)),
        Quantities.millis(latencies.percentile(1)));
  }
}
