package io.sluice.cli.command.option;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import picocli.CommandLine.TypeConversionException;

/** What the user gave, made into values; what is out of range is the user's to mend. */
public final class Input {
  private static final long MOST_SECONDS = 86_400;

  private Input() {}

  /** What {@code make} makes; its complaint about an argument becomes one to the user. */
  public static <T> T checked(Supplier<T> make) {
    try {
      return make.get();
    } catch (IllegalArgumentException e) {
      throw new SluiceException(ErrorCode.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
  }

  /** A file or folder, where picocli would take an empty name for the folder it was started in. */
  public static Path path(String typed) {
    try {
      if (!typed.isBlank()) {
        return Path.of(typed);
      }
    } catch (InvalidPathException e) {
      // Told below.
    }
    throw new TypeConversionException("\"" + typed + "\" (expected: the name of a file or folder)");
  }

  /** A time of at most a day. */
  public static Duration seconds(String name, long seconds, long least) {
    if (seconds < least || seconds > MOST_SECONDS) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          name + ": " + seconds + " (expected: " + least + ".." + MOST_SECONDS + ")");
    }
    return Duration.ofSeconds(seconds);
  }
}
