package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.GraphBuilder;
import java.util.List;
import java.util.Map;

/**
 * y + W_up gelu(W_down y + b) + c, after the block (Houlsby et al. 2019; Pfeiffer et al. 2021).
 * W_up and c start at zero and carry the gate.
 *
 * @param rank width of the bottleneck
 */
public record BottleneckSequential(int rank) implements AdapterKind {
  private static final String DOWN = "down"; // (hidden, rank)
  private static final String DOWN_BIAS = "down_bias"; // (rank)
  private static final String UP = "up"; // (rank, hidden)
  private static final String UP_BIAS = "up_bias"; // (hidden)

  public BottleneckSequential {
    if (rank < 1) {
      throw new IllegalArgumentException("rank: " + rank + " (expected: >= 1)");
    }
  }

  @Override
  public String code() {
    return "bottleneck_sequential";
  }

  @Override
  public List<ParameterSpec> parameters(int hidden) {
    return List.of(
        new ParameterSpec(DOWN, List.of(hidden, rank), 1 / Math.sqrt(hidden), true, false),
        new ParameterSpec(DOWN_BIAS, List.of(rank), 0, false, false),
        new ParameterSpec(UP, List.of(rank, hidden), 0, true, true),
        new ParameterSpec(UP_BIAS, List.of(hidden), 0, false, true));
  }

  @Override
  public String emit(
      GraphBuilder graph, String blockInput, String blockOutput, Map<String, String> weights) {
    String down = graph.node("MatMul", blockOutput, weight(weights, DOWN));
    String inner = Activations.gelu(graph, graph.node("Add", down, weight(weights, DOWN_BIAS)));
    String up = graph.node("MatMul", inner, weight(weights, UP));
    return graph.node("Add", blockOutput, graph.node("Add", up, weight(weights, UP_BIAS)));
  }

  private static String weight(Map<String, String> weights, String name) {
    return requireNonNull(weights.get(name), name);
  }
}
