package io.sluice.cli.terminal;

import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** The character encoding of everything printed: UTF-8, whatever the locale of the machine. */
public final class Encoding {
  private Encoding() {}

  /** A writer of UTF-8 that flushes at line ends; closing it closes {@code stream}. */
  public static PrintWriter writer(OutputStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
  }
}
