package io.sluice.cli.terminal;

import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * The last line of a terminal, rewritten while lines come out above it. Without a terminal there is
 * no such line and the others come out one after another. Thread-safe: the bar redraws itself.
 */
public final class StatusLine implements AutoCloseable {
  private static final String CLEAR = "\r\u001b[K";
  private static final int REDRAW_MILLIS = 200;

  private final Screen screen;
  private final Object drawing = new Object();
  private final int columns;
  private @Nullable ProgressBar bar;
  private String stage = "";

  private StatusLine(Screen screen, int columns) {
    this.screen = screen;
    this.columns = columns;
  }

  /** On a screen. */
  public static StatusLine on(Screen screen) {
    return new StatusLine(screen, Math.max(40, Integer.getInteger("sluice.columns", 80) - 1));
  }

  /** Shows how far a stage has come; another stage begins another bar. */
  public void show(String newStage, int step, int steps, String extra) {
    if (!screen.styled()) {
      return;
    }
    ProgressBar shown = bar;
    if (shown == null || !newStage.equals(stage)) {
      stop();
      stage = newStage;
      shown = start(steps);
      bar = shown;
    }
    shown.maxHint(steps);
    shown.stepTo(step);
    shown.setExtraMessage(" " + extra);
  }

  /** Writes a line that stays. */
  public void above(String line) {
    synchronized (drawing) {
      screen.overwrite(screen.styled() ? CLEAR + line + "\n" : line + System.lineSeparator());
    }
  }

  @Override
  public void close() {
    stop();
  }

  private void stop() {
    ProgressBar shown = bar;
    if (shown != null) {
      bar = null;
      shown.close();
      synchronized (drawing) {
        screen.overwrite(CLEAR);
      }
    }
  }

  private ProgressBar start(int steps) {
    return new ProgressBarBuilder()
        .setTaskName("   " + stage)
        .setInitialMax(steps)
        .setStyle(ProgressBarStyle.UNICODE_BLOCK)
        .setUpdateIntervalMillis(REDRAW_MILLIS)
        .setConsumer(new DelegatingProgressBarConsumer(this::draw, columns))
        .build();
  }

  private void draw(String line) {
    synchronized (drawing) {
      screen.overwrite(CLEAR + line);
    }
  }
}
