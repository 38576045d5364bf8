package io.sluice.trainer.experiment;

import static java.util.Objects.requireNonNull;

import io.sluice.trainer.TrainSettings;
import java.util.Map;

/**
 * A cell and how it is to be run.
 *
 * @param cell which
 * @param settings of the run, with the cell's seed
 * @param full whether every weight of the encoder learns, instead of adapters
 * @param work how much work it is likely to be, in any unit that the plans of an experiment share
 */
public record CellPlan(Cell cell, TrainSettings settings, boolean full, double work) {
  private static final String METHOD = "method";
  private static final String FULL = "full";

  public CellPlan {
    requireNonNull(cell, "cell");
    requireNonNull(settings, "settings");
  }

  /** How it learns, {@code full} or as {@link io.sluice.trainer.Method} has it. */
  public String method() {
    return full ? FULL : settings.search().method().word();
  }

  /** Every setting by name, as it is kept with the result. */
  public Map<String, String> described() {
    Map<String, String> values = settings.described();
    values.put(METHOD, method());
    return values;
  }
}
