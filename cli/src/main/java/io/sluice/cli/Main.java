package io.sluice.cli;

import io.sluice.cli.command.SluiceCommand;
import io.sluice.cli.terminal.Encoding;
import picocli.CommandLine;

/**
 * The process behind {@code ./sluice}: parses the arguments, runs one command, ends with its code.
 */
public final class Main {
  private Main() {}

  /**
   * Runs one command and ends the process: 0 done, 1 failed, 2 wrong usage or input.
   *
   * @param arguments as typed
   */
  public static void main(String[] arguments) {
    CommandLine command = SluiceCommand.commandLine();
    command.setOut(Encoding.writer(System.out));
    command.setErr(Encoding.writer(System.err));
    int code = command.execute(arguments);
    System.exit(code);
  }
}
