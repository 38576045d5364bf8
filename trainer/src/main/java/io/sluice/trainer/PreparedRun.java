package io.sluice.trainer;

import io.sluice.trainer.checkpoint.SavedState;
import io.sluice.trainer.model.SearchSpace;
import java.util.BitSet;

/**
 * A run before its first step.
 *
 * @param plan what may be, or is, at which point
 * @param start the linear probe, and the head to start from
 */
record PreparedRun(TaskData data, StructurePlan plan, HeadStart start, RunContext run) {
  /** The same at a stop of a sweep. */
  PreparedRun at(RunContext stop) {
    return new PreparedRun(data, plan, start, stop);
  }

  /** Fine-tuning, after the search or what is left of it, if there is one. */
  FineTuning fineTuning() {
    SearchSpace space = plan.space();
    SavedState resumed = run.checkpoints().resumed();
    if (resumed != null && resumed.has(SavedLearning.STEPS_DONE)) {
      return FineTuning.resume(run, space, resumed);
    }
    BitSet chosen = plan.chosen();
    if (chosen != null) {
      return FineTuning.of(run, space, chosen, start.map());
    }
    StructureSearch search = new StructureSearch(run, space, start.map());
    if (resumed != null) {
      search.restore(resumed);
    }
    return new FineTuning(run, search.search());
  }
}
