package io.sluice.cli.command.token;

import io.sluice.cli.command.option.Usage;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Makes tokens. */
@Command(
    name = "token",
    description = "Make tokens for clients of a server.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {TokenCreate.class})
public final class TokenCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    return Usage.missingCommand(spec);
  }
}
