package io.sluice.cli.command.bench;

import io.sluice.loadtest.Bed;
import io.sluice.loadtest.TaskMix;
import io.sluice.loadtest.load.Phase;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How long and how often a load is put on. */
final class BenchPhaseOptions {
  /** Until the JIT has compiled the way of a request. */
  private static final Duration WARM = Duration.ofSeconds(12);

  private static final int WARM_CLIENTS = 16;
  private static final double WARM_UP_PART = 0.25;

  @Option(
      names = "--seconds",
      defaultValue = "5",
      description = "Of each load, its warm-up left out. Default: ${DEFAULT-VALUE}.")
  private double seconds;

  @Option(
      names = "--repeats",
      defaultValue = "3",
      description = "Rounds over all loads. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--objective",
      paramLabel = "MS",
      defaultValue = "1000",
      description = "Latency in ms above which an answer is no good. Default: ${DEFAULT-VALUE}.")
  private int objectiveMillis;

  int rounds() {
    return rounds;
  }

  Duration objective() {
    return Duration.ofMillis(objectiveMillis);
  }

  Phase phase(Bed bed, int tokens) {
    Duration time = BenchOptions.seconds(seconds);
    Duration warmUp = Duration.ofMillis(Math.round(WARM_UP_PART * time.toMillis()));
    return new Phase(bed.data(), bed.texts(tokens), warmUp, time, objective(), exchange -> {});
  }

  /** Load that nothing is counted of; short where all loads are. */
  void warmUp(Phase phase, TaskMix mix) throws InterruptedException {
    Duration most = phase.time().multipliedBy(4);
    phase
        .lasting(Duration.ofMillis(1), most.compareTo(WARM) < 0 ? most : WARM)
        .closed(mix, WARM_CLIENTS);
  }
}
