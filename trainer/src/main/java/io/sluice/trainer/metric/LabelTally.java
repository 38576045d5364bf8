package io.sluice.trainer.metric;

/**
 * How often one label was given rightly, wrongly or not at all.
 *
 * @param hits rows that have it and got it
 * @param falseAlarms rows that got it and do not have it
 * @param misses rows that have it and did not get it
 */
public record LabelTally(long hits, long falseAlarms, long misses) {
  /** Both as one. */
  LabelTally and(LabelTally other) {
    return new LabelTally(
        hits + other.hits, falseAlarms + other.falseAlarms, misses + other.misses);
  }

  /** Rows that have it. */
  public long rows() {
    return hits + misses;
  }

  /** Share of the rows that got it which have it; 0 if none got it. */
  public double precision() {
    return hits == 0 ? 0 : (double) hits / (hits + falseAlarms);
  }

  /** Share of the rows that have it which got it; 0 if none has it. */
  public double recall() {
    return hits == 0 ? 0 : (double) hits / (hits + misses);
  }

  /** 2 TP / (2 TP + FP + FN); 0 if it is neither true nor given. */
  public double f1() {
    return hits == 0 ? 0 : 2.0 * hits / (2 * hits + falseAlarms + misses);
  }
}
