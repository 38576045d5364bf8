package io.sluice.cli.command.option;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.process.ProcessLife;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that says how many threads compute. */
public final class ThreadsOption {
  /** More are beyond any machine, and the library would try to start them. */
  public static final int MOST = 4096;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that compute. Default: as many as there are cores.")
  private @Nullable Integer threads;

  /** Starts the runtime with so many threads. */
  public OnnxRuntime runtime(ProcessLife process) {
    Integer given = threads;
    if (given == null) {
      return process.runtime();
    }
    if (given < 1 || given > MOST) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "threads: " + given + " (expected: 1 to " + MOST + ")");
    }
    return process.runtime(given);
  }
}
