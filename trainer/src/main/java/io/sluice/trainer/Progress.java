package io.sluice.trainer;

import io.sluice.trainer.history.Phase;
import io.sluice.trainer.model.AdapterKind;
import java.util.List;

/**
 * Where a run stands after a step.
 *
 * @param phase the stage the step belonged to
 * @param step steps done, of {@code steps}; in {@link Phase#PROBE} rows encoded, of all rows
 * @param steps what there is to do in all
 * @param loss mean loss of the rows since the last report, in nats; NaN in {@link Phase#PROBE}
 * @param learningRate rate of the step
 * @param expectedCost expected cost of the gates, or the cost of the survivors once frozen
 * @param budgetInForce what the cost is held to at this step
 * @param budget what it will be held to
 * @param unit what cost and budget count: {@code parameters} or {@code points}
 * @param gradientNorm length of the step's gradient before it was clipped; 0 in {@link Phase#PROBE}
 * @param gates every candidate with its P(open): 0 or 1 once frozen
 * @param elapsedNanos time since the run began
 */
public record Progress(
    Phase phase,
    int step,
    int steps,
    double loss,
    double learningRate,
    double expectedCost,
    double budgetInForce,
    long budget,
    String unit,
    double gradientNorm,
    List<GateState> gates,
    long elapsedNanos) {
  public Progress {
    gates = List.copyOf(gates);
  }

  /**
   * One candidate's gate.
   *
   * @param point insertion point, from 1
   * @param kind the candidate's kind, as manifests name it
   * @param rank its rank
   * @param parameters how many numbers the candidate learns
   * @param flopsPerToken operations a token, see {@link AdapterKind#flopsPerToken}
   * @param openProbability P(open)
   */
  public record GateState(
      int point,
      String kind,
      int rank,
      long parameters,
      long flopsPerToken,
      double openProbability) {
    /** Whether it is more likely open than not. */
    public boolean open() {
      return openProbability > 0.5;
    }

    /** The same candidate's at another time. */
    GateState with(double probability) {
      return new GateState(point, kind, rank, parameters, flopsPerToken, probability);
    }
  }

  /** How many gates are more likely open than not. */
  public long openGates() {
    return gates.stream().filter(GateState::open).count();
  }

  /** Parameters of the candidates whose gates are more likely open than not. */
  public long parametersOpen() {
    return gates.stream().filter(GateState::open).mapToLong(GateState::parameters).sum();
  }

  /** Operations a token of the candidates whose gates are more likely open than not. */
  public long flopsPerTokenOpen() {
    return gates.stream().filter(GateState::open).mapToLong(GateState::flopsPerToken).sum();
  }
}
