package io.sluice.cli.command.backbone;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.option.BackboneOption;
import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.CostFile;
import io.sluice.cli.command.option.DeviceOption;
import io.sluice.cli.command.option.Listed;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.PrecisionOption;
import io.sluice.cli.command.option.ThreadsOption;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.Table;
import io.sluice.registry.cost.CostTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures what blocks and adapters take on this machine. */
@Command(
    name = "profile",
    description = {
      "Measure what each block and each adapter takes on this machine, and keep the table.",
      "Budgets in microseconds (sluice train --max-latency-us), sluice bundle cost and predictions",
      "of a server go by it; a server in INT8 by one of that precision."
    })
final class BackboneProfile implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ThreadsOption threads = new ThreadsOption();
  @Mixin private DeviceOption device = new DeviceOption();
  @Mixin private PrecisionOption precision = new PrecisionOption();

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description = "An imported backbone, or an export. Default: sluice-mini, embedded.")
  private @Nullable Path directory;

  @Option(
      names = "--ranks",
      paramLabel = "N,...",
      defaultValue = "4,8,16,32",
      description = "Ranks to measure. Default: ${DEFAULT-VALUE}.")
  private String ranks = "";

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The table. Default: where the others look for it, in the cache folder.")
  private @Nullable Path out;

  @Override
  public Integer call() {
    SortedSet<Integer> wanted = Listed.numbers("ranks", ranks);
    if (wanted.first() < 1 || wanted.last() > 1024) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "ranks: " + ranks + " (expected: 1..1024)");
    }
    if (out != null) {
      Output.requireWritable("out", out);
    }
    OnnxRuntime runtime = device.of(threads.runtime(CommandProcess.of(spec)), Output.of(spec));
    Backbone backbone = BackboneOption.load(directory, runtime);
    Precision format = precision.on(runtime.settings().device());
    Screen screen = Output.of(spec);
    screen.line(
        "measuring %s in %s on %s, %d threads",
        backbone.name(), format, runtime.settings().device(), runtime.settings().threads());
    CostTable costs = CostFile.measure(backbone, format, runtime, wanted, screen);
    Path file = out == null ? CostFile.of(backbone, format, runtime) : out;
    costs.save(file);
    screen.gap();
    screen.line("microseconds for one row, medians; an adapter's include its call");
    screen.table(table(costs));
    screen.line("written to %s", file);
    return 0;
  }

  private static Table table(CostTable costs) {
    List<String> header = new ArrayList<>(List.of("what", "rank>"));
    costs.tokens().forEach(length -> header.add(length + " tokens>"));
    Table table = new Table(header.toArray(String[]::new));
    for (int k = 0; k < costs.blockMicros().size(); k++) {
      row(table, "block " + (k + 1), "", costs.blockMicros().get(k));
    }
    row(
        table,
        "all blocks",
        "",
        IntStream.range(0, costs.tokens().size())
            .mapToObj(i -> costs.blockMicros().stream().mapToDouble(row -> row.get(i)).sum())
            .toList());
    if (costs.firstTokenPoint() <= costs.blockMicros().size()) {
      row(table, "from " + costs.firstTokenPoint() + ", first token", "", costs.endMicros());
    }
    row(table, "call", "", costs.callMicros());
    for (CostTable.Adapter adapter : costs.adapters()) {
      row(
          table,
          adapter.kind(),
          adapter.rank() == 0 ? "" : Integer.toString(adapter.rank()),
          adapter.micros());
    }
    return table;
  }

  private static void row(Table table, String what, String rank, List<Double> micros) {
    List<Object> cells = new ArrayList<>(List.of(what, rank));
    micros.forEach(value -> cells.add(String.format(Locale.ROOT, "%.1f", value)));
    table.row(cells.toArray());
  }
}
