package io.sluice.trainer.history;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * Every gate at one step.
 *
 * @param phase the stage of the step
 * @param step number of the step, from 1
 * @param open P(open) of each candidate, in their order; 0 or 1 once frozen
 */
public record GateRow(Phase phase, int step, List<Double> open) {
  public GateRow {
    requireNonNull(phase, "phase");
    open = List.copyOf(open);
  }
}
