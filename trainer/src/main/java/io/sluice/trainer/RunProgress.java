package io.sluice.trainer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.checkpoint.SavedState;
import io.sluice.trainer.history.DevScore;
import io.sluice.trainer.history.HistoryRecorder;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.history.RunHistory;
import io.sluice.trainer.history.SearchedCandidate;
import io.sluice.trainer.history.StepFigures;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.model.AdapterKind;
import io.sluice.trainer.model.Candidate;
import io.sluice.trainer.model.SearchSpace;
import java.util.ArrayList;
import java.util.List;

/** Tells a listener how a run goes and keeps its history. Confined to the training thread. */
final class RunProgress {
  private static final String HISTORY = "history";
  private static final String ELAPSED = "elapsed_nanos";

  private final ProgressListener listener;
  private final long startNanos = System.nanoTime();
  private final HistoryRecorder recorder = new HistoryRecorder();
  private BudgetCount count = new BudgetCount(0, "");
  private List<Progress.GateState> gates = List.of();
  private long elapsedBefore;

  /** What the budget allows, and in which unit. */
  private record BudgetCount(long limit, String unit) {}

  RunProgress(ProgressListener listener) {
    this.listener = listener;
  }

  /** Says what the gates to come belong to. */
  void over(SearchSpace space, int hidden, BudgetPlan budget) {
    List<Progress.GateState> states = new ArrayList<>();
    List<SearchedCandidate> searched = new ArrayList<>();
    for (int i = 0; i < space.size(); i++) {
      Candidate candidate = space.candidates().get(i);
      AdapterKind kind = candidate.kind();
      long parameters = kind.parameterCount(hidden);
      long flops = kind.flopsPerToken(hidden);
      states.add(
          new Progress.GateState(
              candidate.point(), kind.code(), kind.rank(), parameters, flops, 0));
      searched.add(
          new SearchedCandidate(
              candidate.point(),
              kind.code(),
              kind.rank(),
              parameters,
              flops,
              (double) budget.first().alone(i)));
    }
    gates = List.copyOf(states);
    count = new BudgetCount(budget.limit(), budget.unit());
    recorder.over(searched, budget.unit(), (double) budget.limit());
  }

  /** Rows encoded or features computed, before the first step. Ends the run if interrupted. */
  void prepared(int done, int all) {
    RunCheckpoints.requireNotInterrupted();
    StepFigures none = new StepFigures(Phase.PROBE, done, Double.NaN, 0, 0, 0, 0);
    listener.progressed(progress(none, all, new double[gates.size()]));
  }

  void probed(Evaluation dev) {
    listener.probed(dev);
  }

  /** The dev rows were answered, with such a mean loss. */
  void evaluated(int step, Evaluation dev, double loss, boolean best) {
    recorder.evaluated(DevScore.of(step, loss, dev.measures(), best));
    listener.evaluated(step, dev, best);
  }

  /** A step was done, of so many. */
  void stepped(StepFigures figures, int steps, double[] open) {
    recorder.stepped(figures, steps, open);
    listener.progressed(progress(figures, steps, open));
  }

  /** One that knows what this one knows, and from here on is told of something else. */
  RunProgress fork() {
    RunProgress fork = new RunProgress(listener);
    fork.gates = gates;
    fork.count = count;
    fork.elapsedBefore = elapsedNanos();
    fork.recorder.resume(history());
    return fork;
  }

  RunHistory history() {
    return recorder.history();
  }

  /** Time spent on the run, in this process and in those before it. */
  long elapsedNanos() {
    return elapsedBefore + System.nanoTime() - startNanos;
  }

  void save(SavedState.Builder state) {
    try {
      state.text(HISTORY, new JsonMapper().writeValueAsString(history()));
    } catch (JsonProcessingException e) {
      throw new SluiceException(ErrorCode.INTERNAL, "history: " + e, e);
    }
    state.longs(ELAPSED, elapsedNanos());
  }

  void restore(SavedState state) {
    try {
      recorder.resume(new JsonMapper().readValue(state.text(HISTORY), RunHistory.class));
    } catch (JsonProcessingException e) {
      throw new SluiceException(ErrorCode.DATA_LOSS, "checkpoint: history: " + e, e);
    }
    elapsedBefore = state.number(ELAPSED);
  }

  private Progress progress(StepFigures figures, int steps, double[] open) {
    List<Progress.GateState> states = new ArrayList<>(gates.size());
    for (int i = 0; i < gates.size(); i++) {
      states.add(gates.get(i).with(open[i]));
    }
    return new Progress(
        figures.phase(),
        figures.step(),
        steps,
        figures.loss(),
        figures.learningRate(),
        figures.expectedCost(),
        figures.budgetInForce(),
        count.limit,
        count.unit,
        figures.gradientNorm(),
        states,
        elapsedNanos());
  }
}
