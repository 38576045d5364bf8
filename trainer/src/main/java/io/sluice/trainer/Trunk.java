package io.sluice.trainer;

import io.sluice.trainer.model.Candidate;
import io.sluice.trainer.model.TrunkCache;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The blocks below all candidates that still learn: run once for each row, ahead of the steps that
 * need them. Confined to the training thread.
 */
final class Trunk implements AutoCloseable {
  /** Steps whose rows are computed together: many rows of one length make a full batch. */
  private static final int AHEAD_STEPS = 32;

  private final RunContext run;
  private final @Nullable TrunkCache cache;
  private int preparedTo;

  private Trunk(RunContext run, @Nullable TrunkCache cache) {
    this.run = run;
    this.cache = cache;
    preparedTo = run.schedule().freezeStep();
  }

  /** The trunk below some candidates; none if one of them reads what enters the first block. */
  static Trunk below(List<Candidate> candidates, RunContext run) {
    int boundary = run.graphs().trunkDepth(candidates);
    TrunkCache cache =
        boundary == 0
            ? null
            : new TrunkCache(run.runtime(), run.backbone(), boundary, run.settings().trunk());
    return new Trunk(run, cache);
  }

  /** The boundary where graphs above it begin; 0: with the tokens. */
  int boundary() {
    return cache == null ? 0 : cache.boundary();
  }

  /** What feeds sessions above it; null where they begin with the tokens. */
  @Nullable TrunkCache cache() {
    return cache;
  }

  /**
   * Called before each step: runs the rows of the next steps that are not kept yet. A resumed run
   * first runs those of the steps it has behind it, so that each row is run among the same others.
   *
   * @param steps length of the run: rows behind its end are left alone
   */
  void prepare(int step, int steps) {
    int perStep = run.settings().optimizer().accumulation();
    while (cache != null && step >= preparedTo) {
      int to = Math.min(steps, preparedTo + AHEAD_STEPS);
      cache.ensure(run.train(), run.batches().rows(preparedTo * perStep, to * perStep));
      preparedTo = to;
    }
  }

  @Override
  public void close() {
    if (cache != null) {
      cache.close();
    }
  }
}
