package io.sluice.cli.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Measures this machine. */
@Command(
    name = "bench",
    description =
        "Measure this machine: a server against its floor and through swaps, training on a device.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {BenchFloor.class, BenchSwap.class, BenchDevice.class})
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    return Usage.missingCommand(spec);
  }
}
