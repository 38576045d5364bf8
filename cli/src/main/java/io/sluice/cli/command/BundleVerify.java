package io.sluice.cli.command;

import io.sluice.cli.terminal.Screen;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks a bundle: container, checksums, manifest, graphs, and what it answers. */
@Command(name = "verify", description = "Check a bundle.")
final class BundleVerify implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FILE", description = "The bundle.")
  private Path file = Path.of("");

  @Override
  public Integer call() {
    AdapterBundle bundle = BundleReader.read(file, BundleLimits.defaults());
    Screen screen = Output.of(spec);
    screen.line(
        "%s: intact: checksums, manifest and %d graphs agree",
        bundle.digest(), bundle.points().size() + 1);
    return 0;
  }
}
