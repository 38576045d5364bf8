package io.sluice.cli.command.option;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What a command must not write over: the very file that it reads. */
public final class Overwriting {
  private Overwriting() {}

  /**
   * Ends the command if its output would take the place of its input.
   *
   * @param option that names the output
   * @param output null for none
   * @param input a path as typed; what is none, a query or standard input, cannot be written over
   * @throws SluiceException INVALID_ARGUMENT
   */
  public static void refuse(String option, @Nullable Path output, String input) {
    if (output != null && isSame(output, input)) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          option + ": " + output + " is what is read (expected: another file)");
    }
  }

  private static boolean isSame(Path output, String input) {
    try {
      return Files.isRegularFile(output) && Files.isSameFile(output, Path.of(input));
    } catch (IOException | InvalidPathException e) {
      return false; // One of them is not there.
    }
  }
}
