package io.sluice.cli.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Measures a server on this machine. */
@Command(
    name = "bench",
    description = "Measure a server on this machine: against its floor, and through swaps.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {BenchFloor.class, BenchSwap.class})
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    return Usage.missingCommand(spec);
  }
}
