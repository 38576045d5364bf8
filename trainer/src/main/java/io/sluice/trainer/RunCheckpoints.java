package io.sluice.trainer;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.checkpoint.Checkpoints;
import io.sluice.trainer.checkpoint.SavedState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The places at which a run may be stopped and gone on from: the ends of steps. Confined to the
 * training thread.
 */
final class RunCheckpoints {
  private static final String IDENTITY = "run.";

  private final Checkpoints store;
  private final Map<String, String> identity;
  private final RunProgress progress;
  private final @Nullable SavedState newest;

  /**
   * Takes up the newest checkpoint if there is one.
   *
   * @param identity all that the run is a function of, by name
   * @throws SluiceException {@code FAILED_PRECONDITION} if it is of another run
   */
  RunCheckpoints(Checkpoints store, Map<String, String> identity, RunProgress progress) {
    this.store = requireNonNull(store, "store");
    this.identity = new TreeMap<>(identity);
    this.progress = progress;
    newest = store.newest().orElse(null);
    if (newest != null) {
      requireSameRun(newest);
      progress.restore(newest);
    }
  }

  /** What to go on from; {@code null}: from the beginning. */
  @Nullable SavedState resumed() {
    return newest;
  }

  /**
   * The end of a step: saves where it is time to, and ends the run here if its thread was
   * interrupted, saved in any case.
   *
   * @param state writes what the next step depends on
   * @throws SluiceException {@code CANCELLED} when interrupted
   */
  void stepEnded(Consumer<SavedState.Builder> state) {
    if (Thread.currentThread().isInterrupted() || store.due()) {
      save(state);
    }
    requireNotInterrupted();
  }

  /** Saves, due or not. */
  void save(Consumer<SavedState.Builder> state) {
    SavedState.Builder saved = SavedState.builder();
    identity.forEach((name, value) -> saved.text(IDENTITY + name, value));
    progress.save(saved);
    state.accept(saved);
    store.save(saved.build());
  }

  /** Those of another part of the same run. */
  RunCheckpoints of(Checkpoints part, RunProgress told) {
    return new RunCheckpoints(part, identity, told);
  }

  static void requireNotInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new SluiceException(
          ErrorCode.CANCELLED, "training: interrupted (expected: run to its end)");
    }
  }

  private void requireSameRun(SavedState saved) {
    List<String> problems = new ArrayList<>();
    identity.forEach(
        (name, value) -> {
          String before = saved.has(IDENTITY + name) ? saved.text(IDENTITY + name) : "not there";
          if (!before.equals(value)) {
            problems.add(name + ": " + value + " (expected: " + before + ", as the run began)");
          }
        });
    if (!problems.isEmpty()) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "resume: the checkpoint is of another run: " + String.join("; ", problems));
    }
  }
}
