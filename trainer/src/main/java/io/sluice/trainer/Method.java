package io.sluice.trainer;

import java.util.Locale;

/**
 * How a run comes to its structure. All but {@link #LEARNED} set it before the first step and spend
 * the whole run on its weights: what a learned structure is compared with.
 */
public enum Method {
  /** Gates learn where adapters are worth having, under the budget. */
  LEARNED,

  /**
   * The first form at every insertion point, of the greatest rank for which all of them fit the
   * budget; where not even the least rank fits everywhere, at points spread evenly from the top.
   */
  FIXED,

  /** Candidates drawn by the seed, one after another, as long as any of those left fits. */
  RANDOM,

  /** The first form at every insertion point, of the greatest rank asked for, whatever it costs. */
  EVERYWHERE,

  /** No adapter: the head alone learns, on the untouched encoder. */
  HEAD_ONLY;

  /** Whether the structure is searched for; if not, it is set before the first step. */
  public boolean searches() {
    return this == LEARNED;
  }

  /** Whether the budget limits the structure. */
  public boolean budgeted() {
    return this != EVERYWHERE && this != HEAD_ONLY;
  }

  /** Its name, {@code head-only}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
