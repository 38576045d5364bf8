package io.sluice.cli.command.bench;

import io.sluice.loadtest.Bed;
import io.sluice.loadtest.TaskMix;
import io.sluice.loadtest.load.Overload;
import io.sluice.loadtest.load.Phase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A server that is asked for three times what it can do. */
@Command(
    name = "overload",
    description = {
      "Ask a server for three times what it can do: goodput against its peak, what is refused and",
      "how, latency of what is answered."
    })
final class BenchOverload implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private BenchOptions options = new BenchOptions();
  @Mixin private BenchTaskOptions tasks = new BenchTaskOptions();
  @Mixin private BenchPhaseOptions phases = new BenchPhaseOptions();

  @Option(
      names = "--bound",
      paramLabel = "MS",
      defaultValue = "1000",
      description =
          "What the 99th percentile of the answers may be in ms. Default: ${DEFAULT-VALUE}.")
  private int boundMillis;

  @Override
  public Integer call() throws Exception {
    BenchValues.require(spec);
    Duration bound = Duration.ofMillis(boundMillis);
    // Whoever wants answers within the objective does not let requests wait for all of it.
    List<String> wait =
        List.of("--max-queue-wait", String.valueOf(phases.objective().toMillis() * 2 / 5));
    try (BenchBed open = BenchBed.start(options, options.precision(), spec, List.of(), wait)) {
      Bed bed = open.bed();
      Phase phase = phases.phase(bed, options.tokens());
      TaskMix mix = tasks.register(bed, open.progress());
      phases.warmUp(phase, mix);
      Overload.Found found =
          new Overload(phase, mix, bed.seed()).run(phases.rounds(), open.progress());
      return options.deliver(Overload.report(bed, phase, found, bound), open.screen());
    }
  }
}
