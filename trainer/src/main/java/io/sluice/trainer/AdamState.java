package io.sluice.trainer;

import io.sluice.trainer.checkpoint.SavedState;
import io.sluice.trainer.optim.AdamW;

/** An optimiser's moments as parts of a checkpoint. */
final class AdamState {
  private AdamState() {}

  static void save(SavedState.Builder state, String name, AdamW adam) {
    AdamW.Moments moments = adam.moments();
    state
        .floats(name + ".first", moments.first())
        .floats(name + ".second", moments.second())
        .longs(name + ".updates", moments.updates());
  }

  static void restore(SavedState state, String name, AdamW adam) {
    adam.restore(
        new AdamW.Moments(
            state.floats(name + ".first"),
            state.floats(name + ".second"),
            (int) state.number(name + ".updates")));
  }
}
