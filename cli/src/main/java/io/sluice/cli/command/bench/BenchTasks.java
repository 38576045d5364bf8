package io.sluice.cli.command.bench;

import io.sluice.cli.command.option.Input;
import io.sluice.loadtest.Bed;
import io.sluice.loadtest.bundle.TaskFamily;
import io.sluice.loadtest.load.Phase;
import io.sluice.loadtest.scale.TasksBenchmark;
import io.sluice.loadtest.scale.TasksFound;
import io.sluice.loadtest.scale.TasksReport;
import io.sluice.loadtest.scale.TasksSettings;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A server with one task and with thousands. */
@Command(
    name = "tasks",
    description = {
      "Register more and more tasks and measure what each costs: throughput against one task,",
      "memory against its weights, and the same tasks as merged models in plain sessions."
    })
final class BenchTasks implements Callable<Integer> {
  /** A heap of one size, all of it touched, so that the rest of the process can be told. */
  private static final List<String> STEADY_HEAP =
      List.of("-Xms1g", "-Xmx1g", "-XX:+AlwaysPreTouch", "-XX:MaxDirectMemorySize=16g");

  private static final long MEBI = 1 << 20;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private BenchOptions options = new BenchOptions();
  @Mixin private BenchPhaseOptions phases = new BenchPhaseOptions();

  @Option(
      names = "--counts",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,10,100,1000,10000",
      description = "Numbers of tasks to look at. Default: ${DEFAULT-VALUE}.")
  private List<Integer> counts = List.of();

  @Option(
      names = "--zipf",
      paramLabel = "EXPONENT",
      defaultValue = "1",
      description =
          "Popularity of the tasks: 1 / rank^EXPONENT; 0: all alike. Default: ${DEFAULT-VALUE}.")
  private double exponent;

  @Option(
      names = "--points",
      defaultValue = "4",
      description = "Adapters of a task, at the highest points. Default: ${DEFAULT-VALUE}.")
  private int points;

  @Option(
      names = "--rank",
      defaultValue = "16",
      description = "Inner width of each. Default: ${DEFAULT-VALUE}.")
  private int rank;

  @Option(
      names = "--connections",
      defaultValue = "8",
      description = "Connections that register tasks at once. Default: ${DEFAULT-VALUE}.")
  private int connections;

  @Option(
      names = "--clients",
      defaultValue = "16",
      description = "Clients that ask without pause. Default: ${DEFAULT-VALUE}.")
  private int clients;

  @Option(
      names = "--peer-memory",
      paramLabel = "MIB",
      defaultValue = "1024",
      description =
          "Memory for plain sessions of merged models; 0: none. Default: ${DEFAULT-VALUE}.")
  private int peerMebibytes;

  @Override
  public Integer call() throws Exception {
    BenchValues.require(spec);
    TasksSettings settings =
        Input.checked(
            () ->
                new TasksSettings(
                    counts, exponent, connections, clients, phases.rounds(), peerMebibytes * MEBI));
    try (BenchBed open = BenchBed.start(options, spec, STEADY_HEAP)) {
      Bed bed = open.bed();
      Phase phase = phases.phase(bed, options.tokens());
      TaskFamily family =
          Input.checked(
              () -> TaskFamily.atTop(bed.sessions(), bed.runtime(), points, rank, bed.seed()));
      TasksFound found = new TasksBenchmark(bed, family, phase, settings).run(open.progress());
      return options.deliver(TasksReport.of(bed, settings, found), open.screen());
    }
  }
}
