package io.sluice.cli.command.bench;

import io.sluice.cli.command.option.Usage;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Measures this machine. */
@Command(
    name = "bench",
    description =
        "Measure this machine: a server by floor, load, tasks, swaps, overload, soak and precision;"
            + " training on a device.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      BenchEngine.class,
      BenchFloor.class,
      BenchLoad.class,
      BenchMulti.class,
      BenchOverload.class,
      BenchPrecision.class,
      BenchSoak.class,
      BenchSwap.class,
      BenchTasks.class,
      BenchDevice.class
    })
public final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    return Usage.missingCommand(spec);
  }
}
