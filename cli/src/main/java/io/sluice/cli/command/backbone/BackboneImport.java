package io.sluice.cli.command.backbone;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneFormat;
import io.sluice.backbone.BackboneImporter;
import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.terminal.Quantities;
import io.sluice.cli.terminal.Screen;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Imports an exported encoder. */
@Command(
    name = "import",
    description = "Import an exported encoder: find its boundaries, cut it, name it.")
final class BackboneImport implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "DIR",
      description = "A directory with model.onnx and tokenizer.json (config.json if there is one).")
  private Path directory = Path.of("");

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where the imported form goes.")
  private Path out = Path.of("");

  @Override
  public Integer call() {
    BackboneFormat.requireRoom(out);
    Backbone backbone = BackboneImporter.read(directory, CommandProcess.of(spec).runtime());
    BackboneFormat.write(backbone, out);
    Screen screen = Output.of(spec);
    screen.line(
        "%s: %s, %d insertion points, hidden size %d, %s parameters (%s without embeddings)",
        backbone.name(),
        backbone.digest(),
        backbone.points(),
        backbone.hiddenSize(),
        Quantities.count(backbone.parameters()),
        Quantities.count(backbone.bodyParameters()));
    backbone.notes().forEach(note -> screen.line("note: %s", note));
    screen.line("written to %s", out);
    return 0;
  }
}
