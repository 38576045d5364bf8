package io.sluice.cli.command.option;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What was given on the command line, set on top of what holds without it. */
public final class Given {
  private Given() {}

  /** Hands a value on if there is one. */
  public static <T> void to(@Nullable T value, Consumer<T> setting) {
    if (value != null) {
      setting.accept(value);
    }
  }
}
