package io.sluice.cli.command.bench;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.Input;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.TemporaryDirectory;
import io.sluice.cli.process.ProcessLife;
import io.sluice.cli.terminal.Screen;
import io.sluice.loadtest.bundle.PerturbedBundles;
import io.sluice.loadtest.bundle.RandomBundle;
import io.sluice.loadtest.floor.FloorBench;
import io.sluice.loadtest.floor.FloorBenchmark;
import io.sluice.loadtest.floor.FloorReport;
import io.sluice.loadtest.floor.FloorSettings;
import io.sluice.loadtest.floor.MemoryCheck;
import io.sluice.loadtest.floor.MemoryReport;
import io.sluice.loadtest.report.ReportJson;
import io.sluice.registry.bundle.AdapterBundle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures a server against the untouched model in one plain session, on the same cores. */
@Command(
    name = "floor",
    description = {
      "Measure a server in this process against the untouched model in one plain ONNX Runtime",
      "session: time of one request, rows per second, memory for 1, 10 and 100 tasks."
    })
final class BenchFloor implements Callable<Integer> {
  private static final String TASK = "floor";

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private BenchBackbone backbone = new BenchBackbone();
  @Mixin private BenchOutput output = new BenchOutput();

  @Option(
      names = "--bundle",
      paramLabel = "FILE",
      description =
          "The task. Default: random adapters of rank 16 at all points of the upper half.")
  private @Nullable Path file;

  @Option(
      names = "--repeats",
      defaultValue = "7",
      description = "Rounds over everything measured. Default: ${DEFAULT-VALUE}.")
  private int repeats;

  @Option(
      names = "--seconds",
      defaultValue = "1",
      description = "For each measurement of a round. Default: ${DEFAULT-VALUE}.")
  private double seconds;

  @Option(names = "--no-memory", description = "Do not register a hundred tasks.")
  private boolean timesOnly;

  @Override
  public Integer call() throws IOException, InterruptedException {
    BenchValues.require(spec);
    FloorSettings settings = settings();
    ProcessLife process = CommandProcess.of(spec);
    OnnxRuntime runtime = process.runtime();
    Backbone loaded = backbone.load(runtime);
    AdapterBundle asked = file == null ? null : BenchOptions.oneText(file, loaded);
    if (asked != null) {
      Input.checked(() -> FloorBenchmark.requireMeasurable(asked));
    }
    Screen screen = Output.of(spec);
    try (TemporaryDirectory directory = new TemporaryDirectory("sluice-bench");
        BenchServer server = new BenchServer(loaded, directory.path(), process)) {
      AdapterBundle bundle =
          asked == null ? RandomBundle.upperHalf(server.sessions(), runtime, 1) : asked;
      server.admin().register(TASK, bundle);
      FloorBenchmark benchmark =
          Input.checked(() -> new FloorBenchmark(loaded, bundle, runtime, server.target(), TASK));
      FloorReport report = benchmark.run(settings, note -> screen.note("sluice: %s", note));
      if (!timesOnly) {
        report = report.withMemory(memory(loaded, bundle, server, runtime, screen));
      }
      output.show(FloorBench.of(report), ReportJson.write(report), screen);
      return report.failures().isEmpty() ? 0 : 1;
    }
  }

  private FloorSettings settings() {
    return new FloorSettings(repeats, BenchOptions.seconds(seconds), 1);
  }

  private static MemoryReport memory(
      Backbone backbone,
      AdapterBundle bundle,
      BenchServer server,
      OnnxRuntime runtime,
      Screen screen) {
    PerturbedBundles bundles = new PerturbedBundles(bundle, server.sessions(), runtime);
    List<MemoryReport.Step> steps =
        new MemoryCheck(bundles, server.admin()::register, ProcessHandle.current().pid())
            .run(List.of(1, 10, 100), note -> screen.note("sluice: %s", note));
    return new MemoryReport(steps, MemoryCheck.mergedSessionBytes(backbone, bundles, runtime));
  }
}
