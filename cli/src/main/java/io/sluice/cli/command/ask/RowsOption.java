package io.sluice.cli.command.ask;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.Overwriting;
import io.sluice.cli.rows.RowInput;
import io.sluice.cli.rows.RowOutput;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options by which a command asks many rows in one go. */
final class RowsOption {
  @Option(
      names = "--input",
      paramLabel = "FILE",
      description = "Ask every row of a file of JSON lines; - is standard input.")
  private @Nullable String input;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Where the replies go, a JSON line each. Default: standard output.")
  private @Nullable Path output;

  /**
   * Whether rows are asked and not what is typed.
   *
   * @param typed whether anything is
   * @param what it would be, for the message when there is neither or both
   */
  boolean asked(boolean typed, String what) {
    if (typed == (input != null)) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          (typed ? "both " + what + " and --input" : "neither " + what + " nor --input")
              + " (expected: one of them)");
    }
    if (output != null && input == null) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "--output: without --input (expected: rows to ask)");
    }
    return !typed;
  }

  RowInput open() {
    return RowInput.open(input == null ? RowInput.STANDARD_INPUT : input);
  }

  /** To be called once the input is open. */
  RowOutput create(CommandSpec spec) {
    Overwriting.refuse("output", output, input == null ? RowInput.STANDARD_INPUT : input);
    return new RowOutput(output, spec.commandLine().getOut(), Output.of(spec));
  }
}
