package io.sluice.cli.command.option;

import io.sluice.cli.process.ProcessLife;
import picocli.CommandLine.Model.CommandSpec;

/** What the root of a command line is: it knows the process that it was made for. */
public interface CommandProcess {
  /** The process. */
  ProcessLife process();

  /** The process that the command line of {@code command} was made for. */
  static ProcessLife of(CommandSpec command) {
    return ((CommandProcess) command.root().userObject()).process();
  }
}
