package io.sluice.cli.command;

import static java.util.Objects.requireNonNull;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.cli.process.ProcessLife;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** What a failure looks like: one line on standard error, and an exit code that scripts can use. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
  private final BooleanSupplier stackTrace;
  private final ProcessLife process;

  /**
   * @param stackTrace whether the user wants to see where it happened; asked when it has happened
   * @param process tells whether it is a failure or the end of the process
   */
  Failures(BooleanSupplier stackTrace, ProcessLife process) {
    this.stackTrace = requireNonNull(stackTrace, "stackTrace");
    this.process = requireNonNull(process, "process");
  }

  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    err.println("sluice: " + (process.stopping() ? "stopped by a signal" : message(failure)));
    print(failure, err);
    return exitCode(failure);
  }

  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("sluice: " + UnreadValue.told(failure));
    if (!UnmatchedArgumentException.printSuggestions(failure, err)) {
      err.println("See: " + command.getCommandSpec().qualifiedName() + " --help");
    }
    err.flush();
    return ExitCode.USAGE;
  }

  private void print(Exception failure, PrintWriter err) {
    if (stackTrace.getAsBoolean()) {
      failure.printStackTrace(err);
    }
    err.flush();
  }

  private static String message(Exception failure) {
    if (failure instanceof SluiceException known) {
      return String.valueOf(known.getMessage());
    }
    if (failure instanceof StatusRuntimeException refused) {
      Status status = refused.getStatus();
      String description = status.getDescription();
      return description == null ? status.getCode().toString() : description;
    }
    if (failure instanceof InvalidPathException path) {
      return "\"" + path.getInput() + "\" (expected: the name of a file or folder)";
    }
    return "internal error: " + failure + " (--stacktrace shows where)";
  }

  private static int exitCode(Exception failure) {
    if (failure instanceof SluiceException known) {
      return ofInput(known.code().name()) ? ExitCode.USAGE : ExitCode.SOFTWARE;
    }
    if (failure instanceof StatusRuntimeException refused) {
      return ofInput(refused.getStatus().getCode().name()) ? ExitCode.USAGE : ExitCode.SOFTWARE;
    }
    return failure instanceof InvalidPathException ? ExitCode.USAGE : ExitCode.SOFTWARE;
  }

  /** Whether the code blames what the user gave; gRPC and we use the same names. */
  private static boolean ofInput(String code) {
    for (ErrorCode input :
        new ErrorCode[] {
          ErrorCode.INVALID_ARGUMENT,
          ErrorCode.NOT_FOUND,
          ErrorCode.ALREADY_EXISTS,
          ErrorCode.FAILED_PRECONDITION,
          ErrorCode.UNAUTHENTICATED,
          ErrorCode.PERMISSION_DENIED,
          ErrorCode.DATA_LOSS
        }) {
      if (input.name().equals(code)) {
        return true;
      }
    }
    return false;
  }
}
