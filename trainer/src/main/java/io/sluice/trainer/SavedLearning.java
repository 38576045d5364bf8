package io.sluice.trainer;

import io.sluice.trainer.checkpoint.SavedState;
import io.sluice.trainer.optim.AdamW;

/** Weights that learn, as {@link WeightLearning} has them, as parts of a checkpoint. */
final class SavedLearning {
  private static final String VALUES = "values";
  private static final String ADAM = "adam";
  private static final String BEST_VALUES = "best_values";
  private static final String BEST_STEP = "best_step";
  private static final String WORSE = "worse";

  /** Steps of the whole run that are done; there only once weights learn with nothing else. */
  static final String STEPS_DONE = "fine_tune_steps_done";

  private SavedLearning() {}

  static void save(
      SavedState.Builder saved, float[] values, AdamW adam, WeightLearning.State state) {
    saved
        .longs(STEPS_DONE, state.step())
        .floats(VALUES, values)
        .floats(BEST_VALUES, state.best().values())
        .longs(BEST_STEP, state.best().step())
        .longs(WORSE, state.worse());
    AdamState.save(saved, ADAM, adam);
  }

  /** The weights as they were. */
  static float[] values(SavedState saved) {
    return saved.floats(VALUES);
  }

  /** Sets the moments as they were. */
  static void restore(SavedState saved, AdamW adam) {
    AdamState.restore(saved, ADAM, adam);
  }

  /** How far it had come, its best judged again. */
  static WeightLearning.State state(SavedState saved, WeightLearning learning) {
    return learning.restored(
        (int) saved.number(STEPS_DONE),
        saved.floats(BEST_VALUES),
        (int) saved.number(BEST_STEP),
        (int) saved.number(WORSE));
  }
}
