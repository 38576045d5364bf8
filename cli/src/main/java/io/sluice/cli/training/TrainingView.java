package io.sluice.cli.training;

import static java.util.Objects.requireNonNull;

import io.sluice.cli.terminal.Blocks;
import io.sluice.cli.terminal.Quantities;
import io.sluice.cli.terminal.RowsPassed;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.StatusLine;
import io.sluice.trainer.Progress;
import io.sluice.trainer.ProgressListener;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.metric.Evaluation;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A training run on a screen: on a terminal a bar with the time left, everywhere a line now and
 * then in which each insertion point is a block as high as its widest gate is open. Confined to the
 * training thread; close it when the run is over.
 */
public final class TrainingView implements ProgressListener, AutoCloseable {
  private static final int LINES = 14;
  private static final String INDENT = "   ";

  private final Screen screen;
  private final StatusLine status;
  private final RowsPassed preparation;
  private @Nullable Phase phase;
  private int nextLine;
  private long preparationStartNanos = -1;
  private @Nullable Progress last;
  private boolean lastShown;
  private String score = "";

  /**
   * @param screen where the lines go, as progress
   */
  public TrainingView(Screen screen) {
    this.screen = requireNonNull(screen, "screen");
    this.status = StatusLine.on(screen);
    this.preparation = new RowsPassed(screen, status);
  }

  @Override
  public void progressed(Progress progress) {
    if (progress.phase() == Phase.PROBE) {
      if (preparationStartNanos < 0) {
        // A run that goes on has the time of its first part behind it.
        preparationStartNanos = progress.elapsedNanos();
      }
      preparation.show(
          progress.phase().code(),
          progress.step(),
          progress.steps(),
          progress.elapsedNanos() - preparationStartNanos);
      return;
    }
    status.show(
        "train",
        progress.step(),
        progress.steps(),
        progress.phase().code() + " " + gates(progress));
    if (phase == null) {
      header();
    }
    if (phase != progress.phase()) {
      showLast();
      phase = progress.phase();
    }
    last = progress;
    lastShown = false;
    if (progress.step() >= nextLine) {
      showLast();
      nextLine = progress.step() + Math.max(1, progress.steps() / LINES);
    }
  }

  @Override
  public void probed(Evaluation dev) {
    line(
        "linear probe on the untouched encoder: %s %s on the dev rows",
        Score.name(dev), Score.value(dev));
  }

  @Override
  public void evaluated(int step, Evaluation dev, boolean best) {
    score = String.format(Locale.ROOT, ", dev %s%s", Score.value(dev), best ? " (best)" : "");
  }

  @Override
  public void close() {
    showLast();
    status.close();
  }

  private void header() {
    line(
        "%s",
        screen.faint("phase        step     loss     cost  budget    P(open) by insertion point"));
  }

  private void showLast() {
    Progress shown = last;
    if (shown == null || lastShown) {
      return;
    }
    lastShown = true;
    line(
        "%-9s %4d/%-4d  %6.3f  %7s  %7s   %s  %d open%s",
        shown.phase().code(),
        shown.step(),
        shown.steps(),
        shown.loss(),
        Quantities.count(Math.round(shown.expectedCost())),
        Quantities.count(shown.budget()),
        gates(shown),
        shown.openGates(),
        score);
    score = "";
  }

  private void line(String format, Object... arguments) {
    status.above(INDENT + String.format(Locale.ROOT, format, arguments));
  }

  /** One block per insertion point: the highest P(open) of its candidates. */
  private static String gates(Progress progress) {
    int points = progress.gates().stream().mapToInt(Progress.GateState::point).max().orElse(0);
    double[] open = new double[points];
    for (Progress.GateState gate : progress.gates()) {
      int at = gate.point() - 1;
      open[at] = Math.max(open[at], gate.openProbability());
    }
    return Blocks.of(open);
  }
}
