package io.sluice.cli.training;

import static java.util.Objects.requireNonNull;

import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.StatusLine;
import io.sluice.trainer.ProgressListener;
import io.sluice.trainer.SweepListener;
import io.sluice.trainer.TrainResult;
import io.sluice.trainer.gate.Budget;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A sweep on a screen: each stop as a run. Confined to the training thread; close it when the sweep
 * is over.
 */
public final class SweepView implements SweepListener, AutoCloseable {
  private final Screen screen;
  private final BiConsumer<Integer, TrainResult> kept;
  private @Nullable TrainingView view;

  /**
   * A view of stops to come.
   *
   * @param screen where the lines go, as progress
   * @param kept takes each stop's number, from 1, and result
   */
  public SweepView(Screen screen, BiConsumer<Integer, TrainResult> kept) {
    this.screen = requireNonNull(screen, "screen");
    this.kept = requireNonNull(kept, "kept");
  }

  @Override
  public ProgressListener begins(int stop, Budget budget) {
    close();
    StatusLine status = StatusLine.on(screen);
    status.above(String.format(Locale.ROOT, "stop %d: %s", stop, budget));
    status.close();
    TrainingView made = new TrainingView(screen);
    view = made;
    return made;
  }

  @Override
  public void reached(int stop, TrainResult result) {
    close();
    kept.accept(stop, result);
  }

  @Override
  public void close() {
    TrainingView shown = view;
    view = null;
    if (shown != null) {
      shown.close();
    }
  }
}
