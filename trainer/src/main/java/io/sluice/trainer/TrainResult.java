package io.sluice.trainer;

import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.trainer.diagnosis.Finding;
import io.sluice.trainer.history.RunHistory;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.task.Confidence;
import java.util.List;

/**
 * What a run made.
 *
 * @param method how the structure came about
 * @param bundle the compiled task
 * @param dev the bundle's answers on the dev rows
 * @param probe the linear probe's answers on the dev rows: what the task gets without adapters
 * @param confidence what the bundle's probabilities are worth on the dev rows
 * @param cost what the budget counts, at most {@code budget}
 * @param budget the limit; where the method heeds none, what all candidates cost
 * @param unit what they count: {@code parameters} or {@code points}
 * @param parameters sizes of what was learned and what it stands on
 * @param history the course of gates, loss, budget and dev scores
 * @param findings what went wrong in it, or may have; the most serious first
 * @param steps steps done; fewer than planned if fine-tuning found nothing better for long
 * @param elapsedNanos how long the run took
 */
public record TrainResult(
    Method method,
    AdapterBundle bundle,
    Evaluation dev,
    Evaluation probe,
    Confidence confidence,
    long cost,
    long budget,
    String unit,
    ParameterCounts parameters,
    RunHistory history,
    List<Finding> findings,
    int steps,
    long elapsedNanos) {
  public TrainResult {
    findings = List.copyOf(findings);
  }

  /**
   * Numbers of parameters.
   *
   * @param adapters of the surviving adapters; this is what a budget counts
   * @param head of the head, which no budget counts
   * @param backbone of the whole backbone
   * @param body of the backbone without its embedding tables
   */
  public record ParameterCounts(long adapters, long head, long backbone, long body) {
    /** The adapters' share of the backbone. */
    public double share() {
      return (double) adapters / backbone;
    }

    /** The adapters' share of the backbone without its embedding tables. */
    public double bodyShare() {
      return (double) adapters / body;
    }
  }
}
