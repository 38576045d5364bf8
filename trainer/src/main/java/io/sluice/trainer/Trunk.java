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

  /** The trunk is kept if it is at least one block in so many. */
  static final int LEAST_SHARE = 8;

  private final RunContext run;
  private final @Nullable TrunkCache cache;
  private int preparedTo;

  private Trunk(RunContext run, @Nullable TrunkCache cache) {
    this.run = run;
    this.cache = cache;
  }

  /** The trunk below some candidates; none if it is so short that keeping it gains nothing. */
  static Trunk below(List<Candidate> candidates, RunContext run) {
    int boundary = run.graphs().trunkDepth(candidates);
    TrunkCache cache =
        boundary < Math.max(1, run.backbone().points() / LEAST_SHARE)
            ? null
            : new TrunkCache(
                run.runtime(),
                run.backbone(),
                run.settings().task().precision(),
                boundary,
                run.settings().trunk());
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
   * Called before each step: runs the rows of the next steps that are not kept yet.
   *
   * @param end rows of this step and later ones are left alone
   */
  void prepare(int step, int end) {
    if (cache != null && step >= preparedTo) {
      // What a row gives does not depend on its company, so a resumed run may begin anywhere.
      preparedTo = Math.min(end, step + AHEAD_STEPS);
      int perStep = run.settings().optimizer().accumulation();
      cache.ensure(run.train(), run.batches().rows(step * perStep, preparedTo * perStep));
    }
  }

  @Override
  public void close() {
    if (cache != null) {
      cache.close();
    }
  }
}
