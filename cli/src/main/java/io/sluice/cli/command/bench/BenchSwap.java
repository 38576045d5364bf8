package io.sluice.cli.command.bench;

import io.sluice.cli.command.option.Input;
import io.sluice.loadtest.Bed;
import io.sluice.loadtest.bundle.TaskFamily;
import io.sluice.loadtest.load.Phase;
import io.sluice.loadtest.swap.SwapFound;
import io.sluice.loadtest.swap.SwapPhases;
import io.sluice.loadtest.swap.SwapPhasesReport;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Swaps a task's bundle many times a second while clients ask, and checks every reply. */
@Command(
    name = "swap",
    description = {
      "Swap a task's bundle many times a second under load and check every reply: latency with and",
      "without swaps in turns, and the time from sending a new bundle to its first answer."
    })
final class BenchSwap implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private BenchOptions options = new BenchOptions();
  @Mixin private BenchPhaseOptions phases = new BenchPhaseOptions();

  @Option(
      names = "--swaps-per-second",
      paramLabel = "N",
      defaultValue = "10",
      description = "Default: ${DEFAULT-VALUE}.")
  private double perSecond;

  @Option(
      names = "--load",
      paramLabel = "PART",
      defaultValue = "0.5",
      description =
          "Rate of the requests, as part of what a closed loop gets. Default: ${DEFAULT-VALUE}.")
  private double load;

  @Option(
      names = "--fresh",
      defaultValue = "40",
      description = "New bundles whose first answers are timed. Default: ${DEFAULT-VALUE}.")
  private int fresh;

  @Override
  public Integer call() throws Exception {
    BenchValues.require(spec);
    SwapPhases.Settings settings =
        Input.checked(() -> new SwapPhases.Settings(perSecond, phases.rounds(), load, fresh));
    try (BenchBed open = BenchBed.start(options, spec, List.of())) {
      Bed bed = open.bed();
      Phase phase = phases.phase(bed, options.tokens());
      TaskFamily family = TaskFamily.upperHalf(bed.sessions(), bed.runtime(), bed.seed());
      SwapFound found = new SwapPhases(bed, family, phase, settings).run(open.progress());
      return options.deliver(SwapPhasesReport.of(bed, family.words(), phase, found), open.screen());
    }
  }
}
