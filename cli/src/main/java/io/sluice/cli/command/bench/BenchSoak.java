package io.sluice.cli.command.bench;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.cli.command.option.Input;
import io.sluice.loadtest.Bed;
import io.sluice.loadtest.bundle.TaskFamily;
import io.sluice.loadtest.load.Phase;
import io.sluice.loadtest.soak.Soak;
import io.sluice.loadtest.soak.SoakFound;
import io.sluice.loadtest.soak.SoakReport;
import io.sluice.loadtest.soak.SoakSettings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A server under everything at once for a long time. */
@Command(
    name = "soak",
    description = {
      "Put a server under everything at once for a long time (swaps, cancellations, tight deadlines,",
      "bad requests, over-long texts) and watch whether it stays right and stays as large."
    })
final class BenchSoak implements Callable<Integer> {
  private static final int SECONDS_A_MINUTE = 60;
  private static final int FEWEST_SAMPLES = 3;
  private static final List<String> SMALL_HEAP = List.of("-Xms512m", "-Xmx512m");

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private BenchOptions options = new BenchOptions();

  @Option(
      names = "--minutes",
      defaultValue = "20",
      description = "Of the load. Default: ${DEFAULT-VALUE}.")
  private double minutes;

  @Option(
      names = "--load",
      paramLabel = "PART",
      defaultValue = "0.5",
      description =
          "Rate of the requests, as part of what a closed loop gets. Default: ${DEFAULT-VALUE}.")
  private double load;

  @Option(
      names = "--tasks",
      defaultValue = "16",
      description = "Tasks that are asked. Default: ${DEFAULT-VALUE}.")
  private int tasks;

  @Option(
      names = "--changes-per-second",
      paramLabel = "N",
      defaultValue = "2",
      description = "Bundles sent, swapped and rolled back. Default: ${DEFAULT-VALUE}.")
  private double changes;

  @Option(
      names = "--sample-every",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "Between two looks at the server's process. Default: ${DEFAULT-VALUE}.")
  private double sampleSeconds;

  @Override
  public Integer call() throws Exception {
    BenchValues.require(spec);
    if (minutes * SECONDS_A_MINUTE < FEWEST_SAMPLES * sampleSeconds) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "sample-every: "
              + sampleSeconds
              + " (expected: at most a third of "
              + minutes
              + " minutes)");
    }
    SoakSettings settings =
        Input.checked(
            () ->
                new SoakSettings(
                    BenchOptions.seconds(minutes * SECONDS_A_MINUTE),
                    load,
                    tasks,
                    changes,
                    BenchOptions.seconds(sampleSeconds)));
    try (BenchBed open = BenchBed.start(options, spec, SMALL_HEAP)) {
      Bed bed = open.bed();
      TaskFamily family = TaskFamily.upperHalf(bed.sessions(), bed.runtime(), bed.seed());
      Duration before = Duration.ofMillis(Math.min(8_000, settings.duration().toMillis() / 4));
      Phase phase =
          new Phase(
              bed.data(),
              bed.texts(options.tokens()),
              before,
              before,
              Duration.ofSeconds(1),
              exchange -> {});
      SoakFound found = new Soak(bed, family, phase, settings).run(open.progress());
      return options.deliver(SoakReport.of(bed, family.words(), found), open.screen());
    }
  }
}
