package io.sluice.cli.command.bench;

import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.StatusLine;
import io.sluice.loadtest.Progress;

/**
 * Shows how far a benchmark has come and about how long it will still take: a bar on a terminal,
 * lines elsewhere. Called by one thread at a time.
 */
final class BenchProgress implements Progress, AutoCloseable {
  private static final int STEPS = 1000;
  private static final double LEAST_SHARE = 0.02;

  private final Screen screen;
  private final StatusLine status;
  private final long beginNanos = System.nanoTime();

  BenchProgress(Screen screen) {
    this.screen = screen;
    this.status = StatusLine.on(screen);
  }

  @Override
  public void at(double share, String what) {
    if (screen.styled()) {
      status.show("bench", (int) (share * STEPS), STEPS, what);
    } else {
      screen.note("sluice: %3.0f %%%s  %s", 100 * share, left(share), what);
    }
  }

  @Override
  public void close() {
    status.close();
  }

  private String left(double share) {
    if (share < LEAST_SHARE) {
      return "";
    }
    long seconds = Math.round((System.nanoTime() - beginNanos) / 1e9 * (1 - share) / share);
    return seconds < 100
        ? ", about " + seconds + " s left"
        : ", about " + seconds / 60 + " min left";
  }
}
