package io.sluice.trainer.checkpoint;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;

/** Where a sweep's checkpoints are kept: those of its one search, and those of each stop. */
public interface SweepCheckpoints {
  /** Keeps none. */
  SweepCheckpoints NONE =
      new SweepCheckpoints() {
        @Override
        public Checkpoints search() {
          return Checkpoints.NONE;
        }

        @Override
        public Checkpoints stop(int number) {
          return Checkpoints.NONE;
        }
      };

  /**
   * Folders within a folder: {@code search}, {@code stop-1} and so on.
   *
   * @param every time between two checkpoints
   */
  static SweepCheckpoints in(Path folder, Duration every) {
    requireNonNull(folder, "folder");
    return new SweepCheckpoints() {
      @Override
      public Checkpoints search() {
        return new CheckpointFolder(folder.resolve("search"), every, System::nanoTime);
      }

      @Override
      public Checkpoints stop(int number) {
        return new CheckpointFolder(folder.resolve("stop-" + number), every, System::nanoTime);
      }
    };
  }

  /** Those of the search that all stops share. */
  Checkpoints search();

  /**
   * Those of what a stop does after its freeze.
   *
   * @param number of the stop, from 1
   */
  Checkpoints stop(int number);
}
