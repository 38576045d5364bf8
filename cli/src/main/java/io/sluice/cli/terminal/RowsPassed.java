package io.sluice.cli.terminal;

import static java.util.Objects.requireNonNull;

import java.util.Locale;

/**
 * How far a pass over many rows has come: on a terminal a bar with the time left, elsewhere a line
 * now and then. Confined to one thread.
 */
public final class RowsPassed {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final long LINE_NANOS = 15_000_000_000L;

  private final Screen screen;
  private final StatusLine status;
  private long nextNanos = LINE_NANOS;

  /**
   * @param status where it is shown; stays the caller's
   */
  public RowsPassed(Screen screen, StatusLine status) {
    this.screen = requireNonNull(screen, "screen");
    this.status = requireNonNull(status, "status");
  }

  /**
   * Shows it.
   *
   * @param stage what is done with the rows
   * @param elapsedNanos since the first of them
   */
  public void show(String stage, int done, int all, long elapsedNanos) {
    status.show(stage, done, all, "");
    if (screen.styled() || done == 0 || elapsedNanos < nextNanos) {
      return;
    }
    nextNanos = elapsedNanos + LINE_NANOS;
    double left = (double) (all - done) / done;
    status.above(
        String.format(
            Locale.ROOT,
            "   %s: %d of %d rows, %.0f s left",
            stage,
            done,
            all,
            left * elapsedNanos / NANOS_PER_SECOND));
  }
}
