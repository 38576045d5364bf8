package io.sluice.cli.command;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.Device;
import io.sluice.backbone.runtime.DeviceMemory;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.option.BackboneOption;
import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.process.NvidiaDriver;
import io.sluice.cli.terminal.Quantities;
import io.sluice.cli.terminal.Screen;
import io.sluice.trainer.device.TrainingStep;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what this machine has and whether sluice works on it. */
@Command(
    name = "doctor",
    description = {
      "Say what this machine has, and try what sluice needs of it: the runtime, the backbone,",
      "a GPU, a store. Exit code 1 if anything needed does not work."
    })
final class DoctorCommand implements Callable<Integer> {
  private static final TrainingStep.Size STEP = new TrainingStep.Size(2, 8, 1);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private BackboneOption backbone = new BackboneOption();

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "A device that must work: cpu, cuda, cuda:N. Default: a GPU may be missing.")
  private @Nullable String device;

  @Option(names = "--store", paramLabel = "DIR", description = "A store that must be usable.")
  private @Nullable Path store;

  private int failures;

  @Override
  public Integer call() {
    Screen screen = Output.of(spec);
    Device asked = device == null ? null : Device.parse(device);
    says(screen, "sluice", Version.number());
    says(screen, "java", Runtime.version() + ", " + System.getProperty("java.home"));
    says(
        screen,
        "system",
        String.join(
            " ",
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("os.arch")));
    says(
        screen,
        "memory",
        String.format(
            Locale.ROOT,
            "%d MiB for Java at most, %d cores",
            Runtime.getRuntime().maxMemory() >> 20,
            Runtime.getRuntime().availableProcessors()));
    OnnxRuntime runtime = check(screen, "runtime", () -> CommandProcess.of(spec).runtime());
    if (runtime != null) {
      says(
          screen,
          "onnxruntime",
          runtime.version() + ", providers " + String.join(", ", OnnxRuntime.providers()));
    }
    says(screen, "nvidia", NvidiaDriver.describe());
    if (runtime != null) {
      devices(screen, runtime, asked);
    }
    Path folder = store;
    if (folder != null) {
      check(screen, "store", () -> usable(folder));
    }
    screen.line(failures == 0 ? "everything needed works" : "%d failed", failures);
    return failures == 0 ? 0 : 1;
  }

  private void devices(Screen screen, OnnxRuntime runtime, @Nullable Device asked) {
    Backbone loaded =
        check(
            screen,
            "backbone",
            () -> {
              Backbone read = backbone.load(runtime);
              says(screen, "backbone", read + ", " + Quantities.count(read.parameters()));
              return read;
            });
    if (loaded == null) {
      return;
    }
    check(screen, "tokenizer", () -> tokens(loaded));
    check(screen, "cpu", () -> step(screen, runtime.onCpu(), loaded));
    if (asked != null && asked.isCuda()) {
      check(screen, asked.word(), () -> step(screen, runtime.on(asked), loaded));
    } else if (asked == null) {
      try {
        step(screen, runtime.on(Device.cuda(0)), loaded);
      } catch (SluiceException e) {
        says(screen, "cuda", "not used: " + e.getMessage());
      }
    }
  }

  private static Encoding tokens(Backbone backbone) {
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      return tokenizer.encode("the water runs through the gate", null, Integer.MAX_VALUE);
    }
  }

  /** A training step, which uses more operators than anything else. */
  private static Double step(Screen screen, OnnxRuntime runtime, Backbone backbone) {
    try (TrainingStep step = new TrainingStep(runtime, backbone, STEP)) {
      double loss = step.run();
      if (!Double.isFinite(loss)) {
        throw new IllegalStateException("loss of a training step: " + loss + " (expected: finite)");
      }
      Device used = runtime.settings().device();
      says(
          screen,
          used.word(),
          String.format(Locale.ROOT, "a training step works, loss %.5f", loss));
      if (used.isCuda()) {
        says(screen, "", tensors(runtime));
        String missing = runtime.whyNoDeviceOperators();
        says(
            screen,
            "",
            missing == null
                ? "operators of our own for training"
                : "no operators of our own, training is slower: " + missing);
      }
      return loss;
    }
  }

  /** Whether a server can have its tensors on the device, and what memory there is. */
  private static String tensors(OnnxRuntime runtime) {
    String missing = OnnxRuntime.whyNoDeviceMemory();
    if (missing != null) {
      return "no tensors on the device, serve goes through host memory: " + missing;
    }
    if (runtime.onDeviceMemory().memory() instanceof DeviceMemory memory) {
      return String.format(
          Locale.ROOT,
          "tensors on the device, %d of %d MiB free",
          memory.freeBytes() >> 20,
          memory.totalBytes() >> 20);
    }
    return "no tensors on the device";
  }

  private static Path usable(Path folder) {
    if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw new IllegalStateException(folder + " (expected: a writable directory)");
    }
    return folder;
  }

  /** Tries one thing; what fails is said, and null is what comes of it. */
  private <T> @Nullable T check(Screen screen, String what, Supplier<T> attempt) {
    try {
      return attempt.get();
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      failures++;
      says(
          screen,
          what,
          screen.bad("FAILED: " + (e instanceof SluiceException ? e.getMessage() : e.toString())));
      return null;
    }
  }

  private static void says(Screen screen, String what, String value) {
    screen.line("%-12s %s", what, value);
  }
}
