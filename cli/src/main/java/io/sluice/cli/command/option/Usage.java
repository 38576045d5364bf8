package io.sluice.cli.command.option;

import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;

/** What a group of commands does when none of them was named: show them. */
public final class Usage {
  private Usage() {}

  public static int missingCommand(CommandSpec group) {
    group.commandLine().usage(group.commandLine().getErr());
    return ExitCode.USAGE;
  }
}
