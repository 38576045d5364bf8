package io.sluice.trainer.checkpoint;

import java.util.Optional;

/** Where a run's checkpoints are kept. */
public interface Checkpoints {
  /** Keeps none. */
  Checkpoints NONE =
      new Checkpoints() {
        @Override
        public Optional<SavedState> newest() {
          return Optional.empty();
        }

        @Override
        public boolean due() {
          return false;
        }

        @Override
        public void save(SavedState state) {}
      };

  /** The last one saved that can be read. */
  Optional<SavedState> newest();

  /** Whether it is time for another one. */
  boolean due();

  /** Keeps a checkpoint; it is safe on disk when this returns. */
  void save(SavedState state);
}
