package io.sluice.cli;

import io.sluice.cli.command.SluiceCommand;
import io.sluice.cli.process.ProcessLife;
import io.sluice.cli.terminal.Encoding;
import io.sluice.cli.terminal.StandardOutput;
import java.io.IOException;
import picocli.CommandLine;

/** The process behind {@code ./sluice}: parses the arguments, runs one command, ends in order. */
public final class Main {
  /** 128 and the number of SIGPIPE, which Java does not let end a process. */
  private static final int ENDED_BY_A_PIPE = 141;

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
    StandardOutput out = new StandardOutput();
    command.setOut(Encoding.writer(out));
    command.setErr(Encoding.writer(System.err));
    int code = execute(command, arguments);
    command.getOut().flush();
    IOException failure = out.failure();
    process.end(failure == null || code != 0 ? code : unwritten(command, failure));
  }

  /** As other programs do: quietly where nobody reads on, else saying what is missing. */
  private static int unwritten(CommandLine command, IOException failure) {
    String why = String.valueOf(failure.getMessage());
    if (why.contains("Broken pipe")) {
      return ENDED_BY_A_PIPE;
    }
    command.getErr().println("sluice: standard output: " + why + " (expected: room for all of it)");
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** What no command can do anything about is a line as well, and an end in order. */
  private static int execute(CommandLine command, String[] arguments) {
    try {
      return command.execute(arguments);
    } catch (OutOfMemoryError e) {
      command
          .getErr()
          .println(
              "sluice: memory: "
                  + e.getMessage()
                  + " (expected: more; SLUICE_JAVA_OPTS=-Xmx8g gives Java up to 8 GiB)");
    } catch (Error e) {
      e.printStackTrace(command.getErr());
    }
    command.getErr().flush();
    return CommandLine.ExitCode.SOFTWARE;
  }
}
