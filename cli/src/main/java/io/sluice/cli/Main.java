package io.sluice.cli;

import io.sluice.cli.command.SluiceCommand;
import io.sluice.cli.process.ProcessLife;
import io.sluice.cli.terminal.Encoding;
import picocli.CommandLine;

/** The process behind {@code ./sluice}: parses the arguments, runs one command, ends in order. */
public final class Main {
  private Main() {}

  /**
   * Runs one command and ends the process: 0 done, 1 failed, 2 wrong usage or input; 128 and the
   * signal's number when one ended it.
   *
   * @param arguments as typed
   */
  public static void main(String[] arguments) {
    ProcessLife process = ProcessLife.own();
    CommandLine command = SluiceCommand.commandLine(process);
    command.setOut(Encoding.writer(System.out));
    command.setErr(Encoding.writer(System.err));
    process.end(command.execute(arguments));
  }
}
