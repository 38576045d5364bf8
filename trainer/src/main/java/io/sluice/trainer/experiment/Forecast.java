package io.sluice.trainer.experiment;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How far an experiment has come and how long it is likely to go on: by the work that is done,
 * whoever many cells are at it. Thread-safe.
 */
public final class Forecast {
  private final Map<Cell, Double> left = new HashMap<>();
  private final Map<Cell, Double> running = new HashMap<>();
  private double done;

  public Forecast(List<CellPlan> plans) {
    plans.forEach(plan -> left.put(plan.cell(), plan.work()));
  }

  /** A cell has come so far. */
  public synchronized void reached(Cell cell, double share) {
    running.put(cell, share);
  }

  /** A cell has come to its end. */
  public synchronized void ended(Cell cell) {
    running.remove(cell);
    Double work = left.remove(cell);
    done += work == null ? 0 : work;
  }

  /** A cell is not ours. */
  public synchronized void passed(Cell cell) {
    running.remove(cell);
    left.remove(cell);
  }

  /**
   * Time to the end.
   *
   * @param elapsedNanos since the beginning
   * @return empty as long as nothing is known
   */
  public synchronized Optional<Duration> left(long elapsedNanos) {
    double reached = done;
    double ahead = 0;
    for (Map.Entry<Cell, Double> cell : left.entrySet()) {
      double share = running.getOrDefault(cell.getKey(), 0.0);
      reached += share * cell.getValue();
      ahead += (1 - share) * cell.getValue();
    }
    return reached <= 0
        ? Optional.empty()
        : Optional.of(Duration.ofNanos((long) (elapsedNanos * (ahead / reached))));
  }
}
