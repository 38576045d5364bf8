package io.sluice.cli.command.bundle;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.cli.command.option.BackboneOption;
import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.terminal.Screen;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import io.sluice.registry.probe.ProbeCheck;
import io.sluice.registry.probe.ProbeReport;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks a bundle: container, checksums, manifest, graphs, and what it answers on its backbone. */
@Command(
    name = "verify",
    description = "Check a bundle, and that it answers its probe on its backbone as promised.")
final class BundleVerify implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private BackboneOption backbone = new BackboneOption();

  @Parameters(paramLabel = "FILE", description = "The bundle.")
  private Path file = Path.of("");

  @Option(names = "--no-probe", description = "Look at the file only; no backbone is loaded.")
  private boolean fileOnly;

  @Override
  public Integer call() {
    AdapterBundle bundle = BundleReader.read(file, BundleLimits.defaults());
    Screen screen = Output.of(spec);
    screen.line(
        "%s: intact: checksums, manifest and %d graphs agree",
        bundle.digest(), bundle.points().size() + 1);
    if (!fileOnly) {
      probe(bundle, screen);
    }
    return 0;
  }

  private void probe(AdapterBundle bundle, Screen screen) {
    OnnxRuntime runtime = CommandProcess.of(spec).runtime();
    Backbone loaded = backbone.load(runtime);
    bundle.requireBackbone(loaded.digest(), loaded.name());
    try (BackboneSessions sessions =
        BackboneSessions.open(
            loaded, runtime, SessionSettings.defaults(), bundle.manifest().precision())) {
      ProbeReport report = ProbeCheck.run(sessions, bundle, runtime);
      screen.line(
          "probe: %d rows on %s: logits differ by at most %.1e, adapters move them by up to %.2f",
          bundle.probe().rows(), loaded.name(), report.error(), report.effect());
    }
  }
}
