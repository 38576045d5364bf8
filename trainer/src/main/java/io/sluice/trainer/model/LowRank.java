package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.GraphBuilder;
import java.util.List;
import java.util.Map;

/**
 * y + W_up W_down y, after the block (the update of Hu et al. 2021 on the block's output). W_up
 * starts at zero and carries the gate.
 *
 * @param rank rank of the map
 */
public record LowRank(int rank) implements AdapterKind {
  private static final String DOWN = "down"; // (hidden, rank)
  private static final String UP = "up"; // (rank, hidden)

  public LowRank {
    Bottleneck.requireRank(rank);
  }

  @Override
  public AdapterForm form() {
    return AdapterForm.LOW_RANK;
  }

  @Override
  public List<ParameterSpec> parameters(int hidden) {
    double deviation = 1 / Math.sqrt(hidden);
    return List.of(
        new ParameterSpec(DOWN, List.of(hidden, rank), deviation, true, false, Joint.COLUMNS),
        new ParameterSpec(UP, List.of(rank, hidden), 0, true, true, Joint.ROWS));
  }

  @Override
  public String delta(
      GraphBuilder graph, String blockInput, String blockOutput, Map<String, String> weights) {
    String down = graph.node("MatMul", blockOutput, requireNonNull(weights.get(DOWN), DOWN));
    return graph.node("MatMul", down, requireNonNull(weights.get(UP), UP));
  }
}
