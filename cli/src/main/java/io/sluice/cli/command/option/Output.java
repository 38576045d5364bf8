package io.sluice.cli.command.option;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.cli.terminal.Screen;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Where the output of a command goes: the writers of its command line. */
public final class Output {
  private Output() {}

  /** The screen of a command that is being executed. */
  public static Screen of(CommandSpec spec) {
    CommandLine command = spec.commandLine();
    return new Screen(command.getOut(), command.getErr(), isTerminal());
  }

  /**
   * Refuses a file that could not be written: better now than after the work.
   *
   * @param name of the option
   */
  public static void requireWritable(String name, Path file) {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null || !Files.isDirectory(directory) || !Files.isWritable(directory)) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          name + ": " + file + " (expected: a file in a writable directory)");
    }
    if (Files.isDirectory(file)) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, name + ": " + file + " is a directory (expected: a file)");
    }
  }

  /** Whether it is a folder to write to, or one could be made there. */
  public static boolean isFolder(Path folder) {
    for (Path at = folder.toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.exists(at)) {
        return Files.isDirectory(at) && Files.isWritable(at);
      }
    }
    return false;
  }

  /** The launcher tells the width only where standard output is a terminal. */
  private static boolean isTerminal() {
    return System.getProperty("sluice.columns") != null && System.getenv("NO_COLOR") == null;
  }
}
