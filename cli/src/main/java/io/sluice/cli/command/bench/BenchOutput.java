package io.sluice.cli.command.bench;

import io.sluice.cli.terminal.Screen;
import io.sluice.loadtest.report.BenchReport;
import io.sluice.loadtest.report.ReportFolder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the figures of a benchmark go, and in which form. */
final class BenchOutput {
  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Also write the figures as JSON, Markdown and SVG into this folder.")
  private @Nullable Path out;

  @Option(names = "--json", description = "Print JSON, not tables.")
  private boolean asJson;

  /** Prints the report and writes it where it was asked for. */
  void show(BenchReport report, Screen screen) {
    show(report, report.json(), screen);
  }

  /**
   * The same.
   *
   * @param json to be printed, with more in it than the report has
   */
  void show(BenchReport report, String json, Screen screen) {
    screen.line("%s", asJson ? json : report.markdown());
    Path folder = out;
    if (folder != null) {
      ReportFolder.write(folder, report).forEach(file -> screen.note("sluice: wrote %s", file));
    }
  }
}
