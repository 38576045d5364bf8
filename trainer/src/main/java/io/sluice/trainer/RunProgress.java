package io.sluice.trainer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.checkpoint.SavedState;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.model.Candidate;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells a listener how a run goes and keeps the history of its gates. Confined to the training
 * thread.
 */
final class RunProgress {
  private static final int KEPT = 60;
  private static final String HISTORY = "history";
  private static final String ELAPSED = "elapsed_nanos";

  private final ProgressListener listener;
  private final long startNanos = System.nanoTime();
  private final List<Progress> history = new ArrayList<>();
  private BudgetCount count = new BudgetCount(0, "");
  private List<Progress.GateState> gates = List.of();
  private long elapsedBefore;

  /** What the budget allows, and in which unit. */
  private record BudgetCount(long limit, String unit) {}

  /**
   * What a step came to.
   *
   * @param done steps done with it, of {@code steps}
   * @param gradientNorm length of its gradient before clipping
   * @param expectedCost expected cost of the gates
   * @param inForce the budget it is held to
   */
  record Step(
      Phase phase,
      int done,
      int steps,
      double loss,
      double learningRate,
      double gradientNorm,
      double expectedCost,
      double inForce) {}

  RunProgress(ProgressListener listener) {
    this.listener = listener;
  }

  /** Says what the gates to come belong to. */
  void over(List<Candidate> searched, int hidden, long limit, String unit) {
    gates =
        searched.stream()
            .map(
                candidate ->
                    new Progress.GateState(
                        candidate.point(),
                        candidate.kind().code(),
                        candidate.kind().rank(),
                        candidate.kind().parameterCount(hidden),
                        candidate.kind().flopsPerToken(hidden),
                        0))
            .toList();
    count = new BudgetCount(limit, unit);
  }

  /** Rows encoded or features computed, before the first step. Ends the run if interrupted. */
  void prepared(int done, int all) {
    RunCheckpoints.requireNotInterrupted();
    Step none = new Step(Phase.PROBE, done, all, Double.NaN, 0, 0, 0, 0);
    listener.progressed(progress(none, new double[gates.size()]));
  }

  void probed(Evaluation dev) {
    listener.probed(dev);
  }

  void evaluated(int step, Evaluation dev, boolean best) {
    listener.evaluated(step, dev, best);
  }

  /** A step was done. */
  void stepped(Step step, double[] open) {
    Progress progress = progress(step, open);
    listener.progressed(progress);
    int done = step.done;
    if (done == 1
        || done == step.steps
        || done * (long) KEPT / step.steps != (done - 1) * (long) KEPT / step.steps) {
      history.add(progress);
    }
  }

  List<Progress> history() {
    return history;
  }

  /** Time spent on the run, in this process and in those before it. */
  long elapsedNanos() {
    return elapsedBefore + System.nanoTime() - startNanos;
  }

  void save(SavedState.Builder state) {
    try {
      state.text(HISTORY, new JsonMapper().writeValueAsString(history));
    } catch (JsonProcessingException e) {
      throw new SluiceException(ErrorCode.INTERNAL, "history: " + e, e);
    }
    state.longs(ELAPSED, elapsedNanos());
  }

  void restore(SavedState state) {
    history.clear();
    try {
      history.addAll(
          new JsonMapper().readValue(state.text(HISTORY), new TypeReference<List<Progress>>() {}));
    } catch (JsonProcessingException e) {
      throw new SluiceException(ErrorCode.DATA_LOSS, "checkpoint: history: " + e, e);
    }
    elapsedBefore = state.number(ELAPSED);
  }

  private Progress progress(Step step, double[] open) {
    List<Progress.GateState> states = new ArrayList<>(gates.size());
    for (int i = 0; i < gates.size(); i++) {
      states.add(gates.get(i).with(open[i]));
    }
    return new Progress(
        step.phase,
        step.done,
        step.steps,
        step.loss,
        step.learningRate,
        step.expectedCost,
        step.inForce,
        count.limit,
        count.unit,
        step.gradientNorm,
        states,
        elapsedNanos());
  }
}
