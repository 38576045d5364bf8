package io.sluice.cli.command.bundle;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.Device;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.option.BackboneOption;
import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.CostFile;
import io.sluice.cli.command.option.Listed;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.PrecisionOption;
import io.sluice.cli.command.option.ThreadsOption;
import io.sluice.cli.terminal.Quantities;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.Table;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.cost.BundleCost;
import io.sluice.registry.cost.CostTable;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what a bundle costs on this machine, without running it. */
@Command(
    name = "cost",
    description = {
      "Print what a bundle costs on this machine before it runs: memory, operations, time.",
      "Times come from the table of sluice backbone profile, which is measured if it is not there."
    })
final class BundleCostCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private BackboneOption backbone = new BackboneOption();
  @Mixin private ThreadsOption threads = new ThreadsOption();
  @Mixin private PrecisionOption precision = new PrecisionOption();

  @Parameters(paramLabel = "FILE", description = "The bundle.")
  private Path file = Path.of("");

  @Option(
      names = "--tokens",
      paramLabel = "N,...",
      defaultValue = "16,32,64,128",
      description = "Lengths of the row to price. Default: ${DEFAULT-VALUE}.")
  private String tokens = "";

  @Option(
      names = "--costs",
      paramLabel = "FILE",
      description =
          "Prices to go by, from another machine perhaps. Default: this machine's, measured once.")
  private @Nullable Path costs;

  @Override
  public Integer call() {
    SortedSet<Integer> lengths = Listed.numbers("tokens", tokens);
    AdapterBundle bundle = BundleReader.read(file, BundleLimits.defaults());
    Manifest manifest = bundle.manifest();
    if (lengths.first() < 1 || lengths.last() > manifest.maxTokens()) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "tokens: "
              + tokens
              + " (expected: 1.."
              + manifest.maxTokens()
              + ", the most the bundle takes)");
    }
    Screen screen = Output.of(spec);
    OnnxRuntime runtime = threads.runtime(CommandProcess.of(spec));
    Backbone loaded = backbone.load(runtime);
    bundle.requireBackbone(loaded.digest(), loaded.name());
    Device device = runtime.settings().device();
    Precision format = precision.on(device);
    CostTable prices =
        costs == null
            ? CostFile.load(loaded, format, runtime, screen)
            : CostFile.read(costs, loaded, format, device);
    BundleCost least = BundleCost.of(manifest, lengths.first(), prices);
    screen.line(
        "memory      %s of weights while it is live, beside the encoder's",
        Quantities.bytes(least.weightBytes()));
    screen.line(
        "shared      %d of %d blocks with every other task asked about one text",
        least.trunkBlocks(), manifest.backbonePoints());
    screen.gap();
    screen.table(table(manifest, lengths, prices));
    screen.line(
        "One row by itself on %d threads of a machine with %d cores, nothing else running,"
            + " encoder in %s.",
        prices.machine().threads(), prices.machine().cores(), prices.precision());
    return 0;
  }

  private static Table table(Manifest manifest, SortedSet<Integer> lengths, CostTable prices) {
    Table table =
        new Table("tokens>", "FLOPs added>", "encoder ms>", "adapters ms>", "all ms>", "added>");
    for (int length : lengths) {
      BundleCost cost = BundleCost.of(manifest, length, prices);
      BundleCost.Time time = cost.time();
      table.row(
          length,
          Quantities.count(cost.flops()),
          time == null ? "?" : millis(time.encoderMicros()),
          time == null ? "?" : millis(time.adapterMicros()),
          time == null ? "?" : millis(time.totalMicros()),
          time == null ? "?" : Quantities.percent(time.adapterMicros() / time.encoderMicros()));
    }
    return table;
  }

  private static String millis(double micros) {
    return String.format(Locale.ROOT, "%.2f", micros / 1000);
  }
}
