package io.sluice.loadtest.report;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.Folders;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A folder of reports: {@code load.json}, {@code load.md}, {@code load-latency.svg}. Stateless. */
public final class ReportFolder {
  private ReportFolder() {}

  /**
   * Writes a report, over one of the same benchmark.
   *
   * @param folder made if it is not there
   * @return the files
   */
  public static List<Path> write(Path folder, BenchReport report) {
    requireNonNull(folder, "folder");
    List<Path> files = new ArrayList<>();
    StringBuilder markdown = new StringBuilder(report.markdown());
    for (Chart chart : report.charts()) {
      markdown.append("\n![" + chart.title() + "](" + file(report, chart) + ")\n");
    }
    try {
      Folders.make(folder);
      files.add(Files.writeString(folder.resolve(report.name() + ".json"), report.json()));
      files.add(Files.writeString(folder.resolve(report.name() + ".md"), markdown));
      for (Chart chart : report.charts()) {
        files.add(Files.writeString(folder.resolve(file(report, chart)), ChartSvg.draw(chart)));
      }
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, folder + ": " + e + " (expected: a folder to write to)", e);
    }
    return List.copyOf(files);
  }

  private static String file(BenchReport report, Chart chart) {
    return report.name() + "-" + chart.name() + ".svg";
  }
}
