package io.sluice.cli.command;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.TextPair;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.process.ProcessLife;
import io.sluice.cli.terminal.Quantities;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.Table;
import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.LoadSettings;
import io.sluice.loadtest.bundle.PerturbedBundles;
import io.sluice.loadtest.bundle.RandomBundle;
import io.sluice.loadtest.swap.ActivationLog;
import io.sluice.loadtest.swap.Phase;
import io.sluice.loadtest.swap.SwapReport;
import io.sluice.loadtest.swap.SwapSettings;
import io.sluice.loadtest.swap.SwapUnderLoad;
import io.sluice.registry.bundle.AdapterBundle;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Swaps a task's bundle many times while clients ask, and checks every reply. */
@Command(
    name = "swap",
    description = "Swap a task's bundle many times while clients ask, and check every reply.")
final class BenchSwap implements Callable<Integer> {
  private static final String TASK = "swap";
  private static final List<TextPair> TEXTS =
      List.of(
          TextPair.of("the parcel came a day late and the box was wet"),
          TextPair.of("good"),
          TextPair.of("who shall answer when the bell rings twice at night ?"),
          TextPair.of("they mended the roof before the rain , and it held"));

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private BackboneOption backbone = new BackboneOption();

  @Option(
      names = "--swaps",
      defaultValue = "1000",
      description = "How many. Default: ${DEFAULT-VALUE}.")
  private int swaps;

  @Option(
      names = "--clients",
      defaultValue = "8",
      description = "Clients that ask without pause. Default: ${DEFAULT-VALUE}.")
  private int clients;

  @Override
  public Integer call() throws Exception {
    if (swaps < 1 || clients < 1) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "swaps, clients: " + swaps + ", " + clients + " (expected: >= 1 each)");
    }
    ProcessLife process = SluiceCommand.process(spec);
    OnnxRuntime runtime = process.runtime();
    Backbone loaded = backbone.load(runtime);
    try (TemporaryDirectory directory = new TemporaryDirectory("sluice-bench");
        BenchServer server = new BenchServer(loaded, directory.path(), process)) {
      AdapterBundle one = RandomBundle.upperHalf(server.sessions(), runtime, 1);
      AdapterBundle other = new PerturbedBundles(one, server.sessions(), runtime).bundle(2);
      server.admin().store(TASK, other);
      server.admin().register(TASK, one);
      SwapReport report =
          SwapUnderLoad.run(
              SwapSettings.of(LoadSettings.closedLoop(server.target(), TASK, TEXTS, clients)),
              one.digest(),
              log -> swap(server, log, List.of(other, one)));
      print(Output.of(spec), report);
      return report.clean() ? 0 : 1;
    }
  }

  private void swap(BenchServer server, ActivationLog log, List<AdapterBundle> bundles)
      throws Exception {
    for (int i = 0; i < swaps; i++) {
      AdapterBundle next = bundles.get(i % bundles.size());
      log.activate(() -> server.admin().activate(TASK, next.digest()).digest());
    }
  }

  private static void print(Screen screen, SwapReport report) {
    screen.line(
        "%d swaps in %.1f s under %d requests; failed %s; replies by a bundle that was not active"
            + " %d",
        report.swaps(),
        report.elapsedNanos() / 1e9,
        report.requests(),
        report.failures().isEmpty() ? "0" : report.failures(),
        report.violations().size());
    report.violations().stream().limit(5).forEach(wrong -> screen.line("%s", wrong.message()));
    Table table = new Table("", "count>", "p50>", "p99>", "longest>");
    for (Phase phase : Phase.values()) {
      row(table, "requests " + phase.name().toLowerCase(Locale.ROOT), report.latencies(phase));
    }
    row(table, "activations", report.activationLatencies());
    screen.table(table);
  }

  private static void row(Table table, String what, Latencies latencies) {
    table.row(
        what,
        latencies.count(),
        Quantities.millis(latencies.p50Nanos()),
        Quantities.millis(latencies.p99Nanos()),
        Quantities.millis(latencies.maxNanos()));
  }
}
