package io.sluice.cli.command.bench;

import io.sluice.backbone.precision.Precision;
import io.sluice.cli.command.option.CommandProcess;
import io.sluice.loadtest.Bed;
import io.sluice.loadtest.bundle.TaskFamily;
import io.sluice.loadtest.load.Phase;
import io.sluice.loadtest.precision.PrecisionBenchmark;
import io.sluice.registry.bundle.AdapterBundle;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A backbone in 8 bits against one in 32. */
@Command(
    name = "precision",
    description = {
      "Measure a server with its backbone in 8 bits against one in 32: speed in turns, with and",
      "without the server around the engine, and how often both give the same answer.",
      "--backbone-precision has no effect here."
    })
final class BenchPrecision implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private BenchOptions options = new BenchOptions();
  @Mixin private BenchPhaseOptions phases = new BenchPhaseOptions();

  @Option(
      names = "--bundle",
      paramLabel = "FILE",
      description = {
        "The task, of one text. Default: random adapters at all points of the upper half; their",
        "answers say nothing about accuracy."
      })
  private @Nullable Path file;

  @Override
  public Integer call() throws Exception {
    BenchValues.require(spec);
    AdapterBundle asked = bundle();
    try (BenchBed full = BenchBed.start(options, Precision.FP32, spec, List.of(), List.of());
        BenchBed small = BenchBed.start(options, Precision.INT8, spec, List.of(), List.of())) {
      Bed bed = full.bed();
      AdapterBundle bundle =
          asked == null
              ? TaskFamily.upperHalf(bed.sessions(), bed.runtime(), bed.seed()).original()
              : asked;
      Phase fullPhase = phases.phase(bed, options.tokens());
      PrecisionBenchmark benchmark =
          new PrecisionBenchmark(
              bed, small.bed(), fullPhase, phases.phase(small.bed(), options.tokens()));
      try (EngineAlone fullAlone = new EngineAlone(bed, Precision.FP32, bundle, fullPhase.texts());
          EngineAlone smallAlone =
              new EngineAlone(bed, Precision.INT8, bundle, fullPhase.texts())) {
        PrecisionBenchmark.Found found =
            benchmark.run(bundle, fullAlone, smallAlone, phases.rounds(), full.progress());
        return options.deliver(benchmark.report(words(bundle), found), full.screen());
      }
    }
  }

  /** The one that is named, if it is for this backbone and of one text. */
  private @Nullable AdapterBundle bundle() {
    Path given = file;
    return given == null
        ? null
        : BenchOptions.oneText(given, options.load(CommandProcess.of(spec).runtime()));
  }

  private static String words(AdapterBundle bundle) {
    return bundle.manifest().cost().parameters()
        + " parameters of adapters, at points "
        + bundle.points().keySet();
  }
}
