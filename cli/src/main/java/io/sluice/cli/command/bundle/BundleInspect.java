package io.sluice.cli.command.bundle;

import io.sluice.cli.command.option.Output;
import io.sluice.cli.terminal.Quantities;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.Table;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.Provenance;
import io.sluice.registry.bundle.TrustedKeys;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints what a bundle says about itself, once it has been read and checked. */
@Command(name = "inspect", description = "Print what a bundle is: task, structure, cost, origin.")
final class BundleInspect implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FILE", description = "The bundle.")
  private Path file = Path.of("");

  @Override
  public Integer call() {
    AdapterBundle bundle = BundleReader.read(file, BundleLimits.defaults());
    Screen screen = Output.of(spec);
    summary(screen, bundle);
    screen.gap();
    structure(screen, bundle.manifest());
    screen.gap();
    provenance(screen, bundle.manifest());
    return 0;
  }

  private static void summary(Screen screen, AdapterBundle bundle) {
    Manifest manifest = bundle.manifest();
    screen.line("bundle      %s", bundle.digest());
    screen.line(
        "size        %s, format %d, %s",
        Quantities.bytes(bundle.sizeBytes()),
        manifest.formatVersion(),
        TrustedKeys.none().status(bundle));
    screen.line("kind        %s", manifest.kind().name().toLowerCase(Locale.ROOT));
    screen.line("labels      %s", String.join(", ", manifest.labels()));
    screen.line(
        "texts       %s, at most %d tokens",
        String.join(", ", manifest.textFields()), manifest.maxTokens());
    screen.line("backbone    %s %s", manifest.backboneName(), manifest.backbone());
    screen.line(
        "cost        %s parameters, %s FLOPs per token, trunk of %d of %d blocks",
        Quantities.count(manifest.cost().parameters()),
        Quantities.count(manifest.cost().flopsPerToken()),
        manifest.cost().trunkBlocks(),
        manifest.backbonePoints());
    manifest.metrics().forEach((name, value) -> screen.line("metric      %s %.4f", name, value));
    screen.line("probe       %d rows", bundle.probe().rows());
  }

  private static void structure(Screen screen, Manifest manifest) {
    Table table = new Table("point>", "adapter", "rank>", "parameters>", "FLOPs per token>");
    manifest
        .structure()
        .forEach(
            entry ->
                table.row(
                    entry.point(),
                    entry.kind(),
                    entry.rank(),
                    entry.parameters(),
                    entry.flopsPerToken()));
    table.row(
        "head",
        manifest.head().kind(),
        "",
        manifest.head().parameters(),
        manifest.head().flopsPerToken());
    screen.table(table);
  }

  private static void provenance(Screen screen, Manifest manifest) {
    Provenance provenance = manifest.provenance();
    screen.line("data        %s", provenance.data());
    screen.line("seed        %d", provenance.seed());
    screen.line("settings    %s", joined(provenance.hyperParameters()));
    screen.line("versions    %s", joined(provenance.versions()));
    screen.line("made on     %s, %s", provenance.jvm(), provenance.os());
  }

  private static String joined(Map<String, String> entries) {
    return String.join(
        ", ", entries.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).toList());
  }
}
