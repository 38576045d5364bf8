package io.sluice.trainer.gate;

/**
 * For how many steps on end each gate has been shut of itself, with next to no chance of being
 * sampled open: such a gate learns nothing any more and does not come back. Confined to the
 * training thread.
 */
public final class QuietGates {
  /** Steps on end after which a gate may be closed for good. */
  static final int STEPS = 20;

  /** P(open) below which a gate is next to never sampled open. */
  static final double OPEN_PROBABILITY = 0.05;

  private final long[] steps;

  /** All gates at their start. */
  public QuietGates(int gates) {
    steps = new long[gates];
  }

  /** Called after each step in which the budget was fully in force. */
  public void observe(GateControl gates) {
    double[] open = gates.openProbabilities();
    for (int i = 0; i < steps.length; i++) {
      steps[i] = gates.shut(i) && open[i] < OPEN_PROBABILITY ? steps[i] + 1 : 0;
    }
  }

  /** How many gates from the lowest on may be closed for good without a gap. */
  public int closable() {
    int count = 0;
    while (count < steps.length && steps[count] >= STEPS) {
      count++;
    }
    return count;
  }

  /** The counts, for a checkpoint. */
  public long[] counts() {
    return steps.clone();
  }

  /** Takes up the counts of a checkpoint. */
  public void restore(long[] counts) {
    System.arraycopy(counts, 0, steps, 0, steps.length);
  }
}
