package io.sluice.cli.command.bench;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.loadtest.Bed;
import io.sluice.loadtest.load.LoadReport;
import io.sluice.loadtest.load.Phase;
import io.sluice.loadtest.load.RateSweep;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Latency and goodput of a server under rising rates of requests. */
@Command(
    name = "load",
    description = {
      "Measure a server under rising rates of requests that come at random times and wait for",
      "nobody: latency from the intended send, goodput at an objective, capacity."
    })
final class BenchLoad implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private BenchOptions options = new BenchOptions();
  @Mixin private BenchTaskOptions tasks = new BenchTaskOptions();
  @Mixin private BenchPhaseOptions phases = new BenchPhaseOptions();

  @Option(
      names = "--rates",
      split = ",",
      paramLabel = "N",
      description =
          "Requests a second, ascending. Default: parts of what clients in a closed loop get.")
  private List<Double> rates = List.of();

  @Override
  public Integer call() throws Exception {
    BenchValues.require(spec);
    if (!rates.equals(rates.stream().sorted().distinct().toList())) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "rates: " + rates + " (expected: each above the one before)");
    }
    try (BenchBed open = BenchBed.start(options, spec, List.of())) {
      Bed bed = open.bed();
      Phase phase = phases.phase(bed, options.tokens());
      RateSweep sweep = new RateSweep(phase, tasks.register(bed, open.progress()), bed.seed());
      phases.warmUp(phase, tasks.mix());
      RateSweep.Found found = sweep.run(rates, phases.rounds(), open.progress());
      return options.deliver(LoadReport.of(bed, phase, found), open.screen());
    }
  }
}
