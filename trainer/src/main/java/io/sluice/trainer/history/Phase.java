package io.sluice.trainer.history;

import java.util.Locale;

/** The stages of a run, in order. */
public enum Phase {
  /** Rows are tokenised, features computed once, the linear probe fitted. */
  PROBE,
  /** Every gate is open: the candidates learn. */
  OPEN,
  /** The budget in force falls from everything to what the user allows. */
  RAMP,
  /** The budget is in force; gates make up their minds. */
  HOLD,
  /** The structure is frozen; the survivors learn on. */
  FINE_TUNE;

  /** Its name for people and in records of runs: {@code fine-tune}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
