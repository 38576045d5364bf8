package io.sluice.cli.command.bench;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.Device;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.Listed;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.ThreadsOption;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.Table;
import io.sluice.trainer.device.LearningRun;
import io.sluice.trainer.device.OperatorTimes;
import io.sluice.trainer.device.StepError;
import io.sluice.trainer.device.StepRate;
import io.sluice.trainer.device.TrainingStep;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures the training step on a device, and compares it with the processor's. */
@Command(
    name = "device",
    description = {
      "Measure the training step on a device: its error against the processor, steps per second,",
      "training with its updates, several trainings at once, and which operators ran where. One part failing stops no other."
    },
    footer = {"", "Example: sluice bench device --device cuda --part error,rate"})
final class BenchDevice implements Callable<Integer> {
  private static final double TF32_LIMIT = 1e-3;
  private static final double FLOAT32_LIMIT = 1e-4;

  /** What can be measured. */
  enum Part {
    ERROR,
    RATE,
    LEARN,
    TOGETHER,
    OPERATORS
  }

  /** One measurement, which may fail. */
  private interface Work {
    void run();
  }

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private BenchBackbone backbone = new BenchBackbone();
  @Mixin private ThreadsOption threads = new ThreadsOption();

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cuda",
      description = "cuda, cuda:N or cpu. Default: ${DEFAULT-VALUE}.")
  private String device = "cuda";

  @Option(
      names = "--part",
      paramLabel = "PART",
      split = ",",
      description = "Some of ${COMPLETION-CANDIDATES}. Default: all of them.")
  private List<Part> parts = new ArrayList<>();

  @Option(
      names = "--batch",
      paramLabel = "N,...",
      defaultValue = "16,32",
      description = "Rows of a step. Default: ${DEFAULT-VALUE}.")
  private String batches = "";

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "64",
      description = "Tokens of a row. Default: ${DEFAULT-VALUE}.")
  private int tokens = 64;

  @Option(
      names = "--trainings",
      paramLabel = "N,...",
      defaultValue = "1,2,4,8",
      description = "Trainings at once. Default: ${DEFAULT-VALUE}.")
  private String trainings = "";

  @Option(
      names = "--seconds",
      defaultValue = "2",
      description = "For each measurement. Default: ${DEFAULT-VALUE}.")
  private double seconds = 2;

  @Option(
      names = "--files",
      paramLabel = "DIR",
      description = {
        "Where LEARN writes its steps, for another framework to make the same:",
        "deploy/gpu/peer.py is such a one in PyTorch."
      })
  private @Nullable Path files;

  private int failures;

  @Override
  public Integer call() {
    BenchValues.require(spec);
    Device asked = Device.parse(device);
    SortedSet<Integer> rows = Listed.numbers("batch", batches);
    SortedSet<Integer> atOnce = Listed.numbers("trainings", trainings);
    Screen screen = Output.of(spec);
    OnnxRuntime cpu = threads.runtime(CommandProcess.of(spec));
    Backbone loaded = backbone.load(cpu);
    BenchValues.requireFit(spec, loaded);
    OnnxRuntime runtime = cpu.on(asked);
    screen.line(
        "%s on %s, %d threads, ONNX Runtime %s",
        loaded.name(),
        runtime.settings().device(),
        runtime.settings().threads(),
        runtime.version());
    int half = loaded.points() / 2 + 1;
    int batch = rows.first();
    part(Part.ERROR, screen, () -> errors(cpu, asked, loaded, new Shapes(batch, half), screen));
    part(Part.RATE, screen, () -> rates(cpu, runtime, loaded, rows, half, screen));
    part(Part.LEARN, screen, () -> learning(runtime, loaded, rows, half, screen));
    part(Part.TOGETHER, screen, () -> together(runtime, loaded, batch, atOnce, screen));
    part(
        Part.OPERATORS,
        screen,
        () -> {
          for (int lowest : new int[] {1, half}) {
            operators(runtime, loaded, new TrainingStep.Size(batch, tokens, lowest), screen);
          }
        });
    screen.gap();
    screen.line(failures == 0 ? "all parts done" : "%d failed", failures);
    return failures == 0 ? 0 : 1;
  }

  /** Rows of a batch, and the lowest point of the upper half. */
  private record Shapes(int batch, int half) {}

  private void part(Part part, Screen screen, Work work) {
    if (!parts.isEmpty() && !parts.contains(part)) {
      return;
    }
    screen.gap();
    screen.line("%s", screen.strong(part.name().toLowerCase(Locale.ROOT)));
    attempt(screen, part.name().toLowerCase(Locale.ROOT), work);
  }

  /** What fails is said, and the rest goes on. */
  private void attempt(Screen screen, String what, Work work) {
    try {
      work.run();
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      failures++;
      screen.line("%s", screen.bad("FAILED " + what + ": " + e));
    }
  }

  private void errors(
      OnnxRuntime cpu, Device asked, Backbone loaded, Shapes shapes, Screen screen) {
    if (!asked.isCuda()) {
      screen.line("nothing to compare the processor with");
      return;
    }
    screen.line("relative errors against the processor; loss, gradients and gates have the limit");
    for (int lowest : new int[] {1, shapes.half()}) {
      for (Device form : List.of(asked, asked.fullPrecision())) {
        attempt(
            screen,
            "error on " + form,
            () ->
                error(
                    cpu,
                    form,
                    loaded,
                    new TrainingStep.Size(shapes.batch(), tokens, lowest),
                    screen));
      }
    }
  }

  private void error(
      OnnxRuntime cpu, Device form, Backbone loaded, TrainingStep.Size size, Screen screen) {
    double limit = form.equals(form.fullPrecision()) ? FLOAT32_LIMIT : TF32_LIMIT;
    try (TrainingStep reference = new TrainingStep(cpu, loaded, size);
        TrainingStep step = new TrainingStep(cpu.on(form), loaded, size)) {
      StepError error = StepError.between(step, reference);
      boolean good = error.within(limit);
      failures += good ? 0 : 1;
      screen.line(
          "%s  %-16s %s: loss %.1e, gradients %.1e, gates %.1e (limit %.0e); worst tensor %.1e, %s",
          good ? screen.good("ok  ") : screen.bad("OVER"),
          form,
          size,
          error.loss(),
          error.gradients(),
          error.gates(),
          limit,
          error.worst(),
          error.worstName());
    }
  }

  private void rates(
      OnnxRuntime cpu,
      OnnxRuntime runtime,
      Backbone loaded,
      SortedSet<Integer> rows,
      int half,
      Screen screen) {
    Table table =
        new Table("step", "device", "compile ms>", "first ms>", "ms>", "steps/s>", "examples/s>");
    List<OnnxRuntime> devices = runtime == cpu ? List.of(cpu) : List.of(runtime, cpu);
    for (int lowest : new int[] {1, half}) {
      for (int batch : rows) {
        TrainingStep.Size size = new TrainingStep.Size(batch, tokens, lowest);
        for (OnnxRuntime on : devices) {
          attempt(
              screen,
              size + " on " + on.settings().device(),
              () -> {
                StepRate rate = StepRate.of(on, loaded, size, time());
                row(table, size.toString(), on.settings().device(), rate, batch);
              });
        }
      }
    }
    screen.table(table);
  }

  private void learning(
      OnnxRuntime runtime, Backbone loaded, SortedSet<Integer> rows, int half, Screen screen) {
    Table table = new Table("training", "first loss>", "last loss>", "ms>", "examples/s>");
    for (int lowest : new int[] {1, half}) {
      for (int batch : rows) {
        TrainingStep.Size size = new TrainingStep.Size(batch, tokens, lowest);
        Path folder = files == null ? null : files.resolve(batch + "-from-" + lowest);
        attempt(
            screen,
            "learning " + size,
            () -> {
              LearningRun run = LearningRun.of(runtime, loaded, size, time(), folder);
              table.row(
                  size.toString(),
                  number(run.losses().get(0), 6),
                  number(run.losses().get(run.losses().size() - 1), 6),
                  number(run.medianMillis(), 2),
                  number(run.examplesPerSecond(), 0));
            });
      }
    }
    screen.table(table);
  }

  private void together(
      OnnxRuntime runtime, Backbone loaded, int batch, SortedSet<Integer> atOnce, Screen screen) {
    Table table =
        new Table(
            "at once", "device", "compile ms>", "first ms>", "ms>", "steps/s>", "examples/s>");
    TrainingStep.Size size = new TrainingStep.Size(batch, tokens, 1);
    for (int count : atOnce) {
      attempt(
          screen,
          count + " at once",
          () -> {
            StepRate rate = StepRate.of(runtime, loaded, size, time(), count);
            row(table, count + " x " + size, runtime.settings().device(), rate, batch);
          });
    }
    screen.table(table);
  }

  private static void row(Table table, String what, Device device, StepRate rate, int batch) {
    table.row(
        what,
        device,
        number(rate.openMillis(), 0),
        number(rate.firstMillis(), 0),
        number(rate.medianMillis(), 2),
        number(rate.stepsPerSecond(), 1),
        number(rate.stepsPerSecond() * batch, 0));
  }

  private static void operators(
      OnnxRuntime runtime, Backbone loaded, TrainingStep.Size size, Screen screen) {
    OperatorTimes times = OperatorTimes.of(runtime, loaded, size);
    screen.line("%s: %s operators a step", size, number(times.count(), 0));
    Table table = new Table("provider", "operator", "count>", "us together>");
    for (OperatorTimes.Row row : times.rows()) {
      table.row(row.provider(), row.operator(), number(row.count(), 0), number(row.micros(), 0));
    }
    screen.table(table);
  }

  private Duration time() {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  private static String number(double value, int decimals) {
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }
}
