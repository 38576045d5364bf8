package io.sluice.cli.command.backbone;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneFormat;
import io.sluice.backbone.BackboneVerification;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.option.BackboneOption;
import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.terminal.Screen;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares a cut backbone with the model it was cut from. */
@Command(
    name = "verify",
    description = {
      "Compare the cut backbone with the uncut model on random batches.",
      "Of an export that is the model as exported, of an imported form its cleaned graph."
    })
final class BackboneVerify implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description = "An imported backbone, or an export. Default: sluice-mini, embedded.")
  private @Nullable Path directory;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Seed of the random batches. Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Override
  public Integer call() {
    OnnxRuntime runtime = CommandProcess.of(spec).runtime();
    Backbone backbone = BackboneOption.load(directory, runtime);
    Path exported = directory;
    BackboneVerification result =
        exported == null || BackboneFormat.isBackbone(exported)
            ? BackboneVerification.of(backbone, runtime, seed)
            : BackboneVerification.of(
                backbone, OnnxFormat.read(exported.resolve("model.onnx")), runtime, seed);
    print(Output.of(spec), backbone, result);
    return result.passes() ? 0 : 1;
  }

  private static void print(Screen screen, Backbone backbone, BackboneVerification result) {
    screen.line("%s %s, %d batches", backbone.name(), backbone.digest(), result.batches());
    screen.line("cut against uncut    %.2e", result.cutError());
    screen.line("slices against batch %.2e", result.sliceError());
    screen.line("alone against padded %.2e  (a property of the model)", result.paddingError());
    screen.line("greatest value       %.2f", result.greatestValue());
    screen.line(
        "%s",
        result.passes()
            ? screen.good("passes")
            : screen.bad("fails")
                + " (expected: at most "
                + BackboneVerification.TOLERANCE
                + ", in proportion for values above 1)");
  }
}
