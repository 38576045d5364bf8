package io.sluice.cli.rows;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.StatusLine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where the lines of replies go, and the count of them: a line of progress while they come, one of
 * summary at the end, both on standard error. Used by one thread at a time.
 */
public final class RowOutput implements AutoCloseable {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final int UNKNOWN = -1;

  private final PrintWriter lines;
  private final boolean owned;
  private final Screen screen;
  private final StatusLine status;
  private final long startNanos = System.nanoTime();
  private int written;
  private int failed;

  /**
   * @param file written anew; null for {@code standard}
   * @param standard standard output
   * @throws SluiceException INVALID_ARGUMENT when the file cannot be written
   */
  public RowOutput(@Nullable Path file, PrintWriter standard, Screen screen) {
    this.screen = requireNonNull(screen, "screen");
    this.status = StatusLine.on(screen);
    this.owned = file != null;
    try {
      this.lines = file == null ? standard : new PrintWriter(Files.newBufferedWriter(file, UTF_8));
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "output: " + file + ": " + e + " (expected: a file)", e);
    }
  }

  /**
   * Writes a line, which is there when this returns: who is stopped keeps what was answered.
   *
   * @throws SluiceException INTERNAL when nobody reads standard output any more, or the disk is
   *     full: what is still to come would be in vain
   */
  public void write(ObjectNode line) {
    lines.print(line + "\n");
    requireWritten();
    written++;
    failed += line.has("error") ? 1 : 0;
    status.show("asking", written, UNKNOWN, String.format(Locale.ROOT, "%.0f/s", rate()));
  }

  /** Whether every row so far has an answer. */
  public boolean allAnswered() {
    return failed == 0;
  }

  /** Says what was done. */
  public void summarise() {
    status.close();
    screen.note(
        "%d rows in %.1f s (%.0f/s)%s",
        written, seconds(), rate(), failed == 0 ? "" : ", " + failed + " without an answer");
  }

  @Override
  public void close() {
    status.close();
    lines.flush();
    if (owned) {
      lines.close();
    }
    requireWritten();
  }

  private void requireWritten() {
    // Brings to the other side what is in between.
    if (lines.checkError()) {
      throw new SluiceException(
          ErrorCode.INTERNAL,
          "output: not written whole (expected: room for all of it, and a reader to the end)");
    }
  }

  private double seconds() {
    return (System.nanoTime() - startNanos) / NANOS_PER_SECOND;
  }

  private double rate() {
    return written / Math.max(1e-9, seconds());
  }
}
