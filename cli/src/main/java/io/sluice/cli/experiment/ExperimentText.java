package io.sluice.cli.experiment;

import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.Table;
import io.sluice.trainer.experiment.summary.ExperimentReport;
import io.sluice.trainer.experiment.summary.ResultTable;
import io.sluice.trainer.experiment.summary.Scores;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** An experiment's report on a screen: a table a suite, and what comes of its claims. */
public final class ExperimentText {
  private ExperimentText() {}

  /** Prints all of it. */
  public static void print(ExperimentReport report, Screen screen) {
    for (Scores scores : report.suites()) {
      screen.line("%s", screen.strong(scores.suite().title()));
      screen.table(table(ResultTable.of(scores)));
      screen.line("%s", screen.faint(ExperimentReport.legend(scores)));
      if (!scores.suite().claims().isEmpty()) {
        screen.gap();
        screen.table(table(ResultTable.differences(scores)));
        ExperimentReport.verdicts(scores).forEach(verdict -> screen.line("%s", verdict));
      }
      screen.gap();
    }
    report
        .failures()
        .forEach((cell, reason) -> screen.line("%s %s: %s", screen.bad("failed"), cell, reason));
  }

  private static Table table(ResultTable results) {
    List<String> header = results.header();
    Table table =
        new Table(
            header.stream()
                .map(title -> title.equals(header.get(0)) ? title : title + ">")
                .toArray(String[]::new));
    results.rows().forEach(row -> table.row(row.toArray()));
    return table;
  }

  /** A time as people say it: 1 h 5 min, 12 min, 40 s. */
  static String time(Duration time) {
    if (time.toHours() > 0) {
      return String.format(Locale.ROOT, "%d h %d min", time.toHours(), time.toMinutesPart());
    }
    return time.toMinutes() > 0
        ? String.format(Locale.ROOT, "%d min", time.toMinutes())
        : String.format(Locale.ROOT, "%d s", time.toSeconds());
  }
}
