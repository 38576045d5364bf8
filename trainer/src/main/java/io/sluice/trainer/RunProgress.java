package io.sluice.trainer;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.model.Candidate;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells a listener how a run goes, keeps the history of its gates and stops it when its thread is
 * interrupted. Confined to the training thread.
 */
final class RunProgress {
  private static final int KEPT = 60;

  private final ProgressListener listener;
  private final long startNanos = System.nanoTime();
  private final List<Progress> history = new ArrayList<>();
  private BudgetCount count = new BudgetCount(0, "");
  private List<Candidate> candidates = List.of();

  /** What the budget allows, and in which unit. */
  private record BudgetCount(long limit, String unit) {}

  RunProgress(ProgressListener listener) {
    this.listener = listener;
  }

  /** Says what the gates to come belong to. */
  void over(List<Candidate> searched, long limit, String unit) {
    candidates = List.copyOf(searched);
    count = new BudgetCount(limit, unit);
  }

  /** Rows encoded or features computed, before the first step. */
  void prepared(int done, int all) {
    requireRunning();
    report(Phase.PROBE, done, all, Double.NaN, 0, 0, 0, new double[candidates.size()]);
  }

  void probed(Evaluation dev) {
    listener.probed(dev);
  }

  void evaluated(int step, Evaluation dev, boolean best) {
    listener.evaluated(step, dev, best);
  }

  /** A step was done. */
  void stepped(
      Phase phase, int done, int steps, double loss, double rate, Costs costs, double[] open) {
    requireRunning();
    Progress progress = report(phase, done, steps, loss, rate, costs.expected, costs.inForce, open);
    if (done == 1
        || done == steps
        || done * (long) KEPT / steps != (done - 1) * (long) KEPT / steps) {
      history.add(progress);
    }
  }

  /** Expected cost of the gates and the budget it is held to. */
  record Costs(double expected, double inForce) {}

  List<Progress> history() {
    return history;
  }

  long elapsedNanos() {
    return System.nanoTime() - startNanos;
  }

  private Progress report(
      Phase phase,
      int done,
      int all,
      double loss,
      double rate,
      double cost,
      double inForce,
      double[] open) {
    List<Progress.GateState> gates = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.get(i);
      gates.add(
          new Progress.GateState(
              candidate.point(), candidate.kind().code(), candidate.kind().rank(), open[i]));
    }
    Progress progress =
        new Progress(
            phase,
            done,
            all,
            loss,
            rate,
            cost,
            inForce,
            count.limit,
            count.unit,
            gates,
            elapsedNanos());
    listener.progressed(progress);
    return progress;
  }

  private static void requireRunning() {
    if (Thread.currentThread().isInterrupted()) {
      throw new SluiceException(
          ErrorCode.CANCELLED, "training: interrupted (expected: run to its end)");
    }
  }
}
