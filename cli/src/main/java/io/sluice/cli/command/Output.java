package io.sluice.cli.command;

import io.sluice.cli.terminal.Screen;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Where the output of a command goes: the writers of its command line. */
final class Output {
  private Output() {}

  /** The screen of a command that is being executed. */
  static Screen of(CommandSpec spec) {
    CommandLine command = spec.commandLine();
    return new Screen(command.getOut(), command.getErr(), isTerminal());
  }

  /** The launcher tells the width only where standard output is a terminal. */
  private static boolean isTerminal() {
    return System.getProperty("sluice.columns") != null && System.getenv("NO_COLOR") == null;
  }
}
