package io.sluice.cli.command.experiment;

import io.sluice.cli.command.option.Output;
import io.sluice.cli.experiment.ExperimentText;
import io.sluice.cli.terminal.Screen;
import io.sluice.trainer.experiment.ExperimentFolder;
import io.sluice.trainer.experiment.summary.ExperimentReport;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sums up what there is of an experiment. */
@Command(
    name = "report",
    description = {
      "Sum up an experiment, whole or in part, while it runs or after it:",
      "results.csv, table.md and a drawing of each suite, in its folder."
    })
final class ExperimentReportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FOLDER", description = "The experiment's folder.")
  private Path path = Path.of("");

  @Override
  public Integer call() {
    Screen screen = Output.of(spec);
    ExperimentFolder folder = ExperimentFolder.open(path);
    ExperimentReport report = ExperimentReport.of(folder);
    report.write(folder);
    ExperimentText.print(report, screen);
    screen.line("%d of %d cells; written to %s", report.results().size(), report.cells(), path);
    return 0;
  }
}
