package io.sluice.cli.experiment;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import io.sluice.cli.terminal.Quantities;
import io.sluice.cli.terminal.Screen;
import io.sluice.trainer.Progress;
import io.sluice.trainer.experiment.CellPlan;
import io.sluice.trainer.experiment.CellResult;
import io.sluice.trainer.experiment.ExperimentListener;
import io.sluice.trainer.experiment.Forecast;
import io.sluice.trainer.history.Phase;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * An experiment on a screen while it goes on: a line for each cell that has come to its end, and
 * below them, on a terminal, how many are done, what runs and how long it will go on; elsewhere
 * that line once a minute. Thread-safe; close it when the experiment is over.
 */
public final class ExperimentView implements ExperimentListener, AutoCloseable {
  private static final String CLEAR = "\r\u001b[K";
  private static final long REDRAW_NANOS = 250_000_000L;
  private static final long LINE_NANOS = 60_000_000_000L;

  private final Screen screen;
  private final LongSupplier nanoTime;
  private final Forecast forecast;
  private final long startNanos;
  private final int columns;
  private final Map<String, String> running = new LinkedHashMap<>();
  private int ahead;
  private int done;
  private int failed;
  private int elsewhere;
  private long shownNanos;

  /**
   * @param plans all cells of the experiment
   * @param nanoTime as {@link System#nanoTime}
   */
  public ExperimentView(Screen screen, List<CellPlan> plans, LongSupplier nanoTime) {
    this.screen = requireNonNull(screen, "screen");
    this.nanoTime = requireNonNull(nanoTime, "nanoTime");
    this.forecast = new Forecast(plans);
    this.startNanos = nanoTime.getAsLong();
    this.shownNanos = startNanos;
    this.columns = Math.max(40, Integer.getInteger("sluice.columns", 80) - 1);
    this.ahead = plans.size();
  }

  @Override
  public synchronized void started(CellPlan plan) {
    ahead--;
    running.put(plan.cell().toString(), "");
    show(true);
  }

  @Override
  public synchronized void progressed(CellPlan plan, Progress progress) {
    boolean preparing = progress.phase() == Phase.PROBE;
    double share = (double) progress.step() / Math.max(1, progress.steps());
    if (!preparing) {
      forecast.reached(plan.cell(), share);
    }
    running.put(
        plan.cell().toString(),
        String.format(Locale.ROOT, " %s %.0f %%", progress.phase().code(), 100 * share));
    show(false);
  }

  @Override
  public synchronized void finished(CellPlan plan, CellResult result) {
    running.remove(plan.cell().toString());
    forecast.ended(plan.cell());
    done++;
    above(
        String.format(
            Locale.ROOT,
            "%s  %s %.1f, linear probe %.1f, %s learned, %d steps, %.0f s",
            plan.cell(),
            result.metric().replace('_', ' '),
            100 * result.score(),
            100 * result.probeScore(),
            Quantities.percent(result.size().share()),
            result.time().steps(),
            result.time().seconds()));
  }

  @Override
  public synchronized void failed(CellPlan plan, String reason) {
    running.remove(plan.cell().toString());
    forecast.passed(plan.cell());
    failed++;
    above(screen.bad("failed") + " " + plan.cell() + ": " + reason);
  }

  @Override
  public synchronized void passed(CellPlan plan, boolean isDone) {
    ahead--;
    forecast.passed(plan.cell());
    if (isDone) {
      done++;
    } else {
      elsewhere++;
    }
    show(false);
  }

  /** How many cells another process has, or had. */
  public synchronized int elsewhere() {
    return elsewhere;
  }

  @Override
  public synchronized void close() {
    if (screen.styled()) {
      screen.overwrite(CLEAR);
    }
  }

  private void above(String line) {
    screen.overwrite(screen.styled() ? CLEAR + line + "\n" : line + System.lineSeparator());
    show(true);
  }

  private void show(boolean now) {
    long time = nanoTime.getAsLong();
    boolean due = time - shownNanos >= (screen.styled() ? REDRAW_NANOS : LINE_NANOS);
    if (!due && !(now && screen.styled())) {
      return;
    }
    shownNanos = time;
    if (screen.styled()) {
      String line = line(time);
      screen.overwrite(CLEAR + line.substring(0, Math.min(columns, line.length())));
    } else {
      screen.overwrite(line(time) + System.lineSeparator());
    }
  }

  private String line(long time) {
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(Locale.ROOT, "%d done, %d running, %d to go", done, running.size(), ahead));
    if (failed > 0) {
      line.append(String.format(Locale.ROOT, ", %d failed", failed));
    }
    if (elsewhere > 0) {
      line.append(String.format(Locale.ROOT, ", %d elsewhere", elsewhere));
    }
    forecast
        .left(time - startNanos)
        .ifPresent(
            left -> line.append(", about ").append(ExperimentText.time(left)).append(" left"));
    if (!running.isEmpty()) {
      line.append(": ")
          .append(
              running.entrySet().stream()
                  .map(cell -> cell.getKey() + cell.getValue())
                  .collect(joining(", ")));
    }
    return line.toString();
  }
}
