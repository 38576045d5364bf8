package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.GraphBuilder;
import java.util.List;
import java.util.Map;

/** W_up gelu(W_down v + b) + c of some v: what both bottleneck kinds are made of. */
final class Bottleneck {
  private static final String DOWN = "down"; // (hidden, rank)
  private static final String DOWN_BIAS = "down_bias"; // (rank)
  private static final String UP = "up"; // (rank, hidden)
  private static final String UP_BIAS = "up_bias"; // (hidden)

  private Bottleneck() {}

  /** Checks a rank. */
  static int requireRank(int rank) {
    if (rank < 1) {
      throw new IllegalArgumentException("rank: " + rank + " (expected: >= 1)");
    }
    return rank;
  }

  /** W_up and c start at zero and carry the gate. */
  static List<ParameterSpec> parameters(int hidden, int rank) {
    double deviation = 1 / Math.sqrt(hidden);
    return List.of(
        new ParameterSpec(DOWN, List.of(hidden, rank), deviation, true, false, Joint.COLUMNS),
        new ParameterSpec(DOWN_BIAS, List.of(rank), 0, false, false, Joint.ROWS),
        new ParameterSpec(UP, List.of(rank, hidden), 0, true, true, Joint.ROWS),
        new ParameterSpec(UP_BIAS, List.of(hidden), 0, false, true, Joint.SUM));
  }

  static String emit(GraphBuilder graph, String of, Map<String, String> weights) {
    String down = graph.node("MatMul", of, weight(weights, DOWN));
    String inner = Activations.gelu(graph, graph.node("Add", down, weight(weights, DOWN_BIAS)));
    String up = graph.node("MatMul", inner, weight(weights, UP));
    return graph.node("Add", up, weight(weights, UP_BIAS));
  }

  private static String weight(Map<String, String> weights, String name) {
    return requireNonNull(weights.get(name), name);
  }
}
