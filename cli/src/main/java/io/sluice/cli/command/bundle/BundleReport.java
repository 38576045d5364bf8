package io.sluice.cli.command.bundle;

import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.Overwriting;
import io.sluice.cli.command.option.ReportFile;
import io.sluice.cli.terminal.Quantities;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes a bundle's training report out of it, as a file to open in a browser. */
@Command(
    name = "report",
    description = "Take the training report out of a bundle: a page that needs nothing else.")
final class BundleReport implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FILE", description = "The bundle.")
  private Path file = Path.of("");

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "The page.")
  private Path out = Path.of("");

  @Option(names = "--svg", paramLabel = "FILE", description = "The picture of the structure alone.")
  private @Nullable Path svg;

  @Override
  public Integer call() {
    Overwriting.refuse("out", out, file.toString());
    Overwriting.refuse("svg", svg, file.toString());
    Output.requireWritable("out", out);
    if (svg != null) {
      Output.requireWritable("svg", svg);
    }
    AdapterBundle bundle = BundleReader.read(file, BundleLimits.defaults());
    take(bundle, ReportFile.PAGE, out);
    Path picture = svg;
    if (picture != null) {
      take(bundle, ReportFile.PICTURE, picture);
    }
    return 0;
  }

  private void take(AdapterBundle bundle, String name, Path to) {
    int sizeBytes = ReportFile.take(bundle, name, to);
    Output.of(spec).line("%s written to %s, %s", name, to, Quantities.bytes(sizeBytes));
  }
}
