package io.sluice.cli.command;

import io.sluice.cli.process.ProcessLife;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/**
 * One execution of the command line within the test's JVM.
 *
 * @param code the exit code
 * @param out what came on standard output
 * @param err what came on standard error
 */
public record SluiceRun(int code, String out, String err) {
  /** Executes {@code sluice} with the arguments. */
  public static SluiceRun of(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = SluiceCommand.commandLine(ProcessLife.guest());
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    String[] texts = new String[arguments.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = String.valueOf(arguments[i]);
    }
    int code = line.execute(texts);
    return new SluiceRun(code, out.toString(), err.toString());
  }
}
