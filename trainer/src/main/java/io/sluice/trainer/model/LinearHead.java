package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.registry.bundle.Pooling;
import java.util.List;
import java.util.Map;

/**
 * Logits as a linear map of one pooled vector a row.
 *
 * @param pooling how the final hidden states of a row become one vector
 * @param labels how many logits
 */
public record LinearHead(Pooling pooling, int labels) {
  static final String WEIGHTS = "head_weights"; // (hidden, labels)
  static final String BIAS = "head_bias"; // (labels)

  public LinearHead {
    requireNonNull(pooling, "pooling");
  }

  /** Its weights, in the order they are stored. */
  public List<ParameterSpec> parameters(int hidden) {
    return List.of(
        new ParameterSpec(WEIGHTS, List.of(hidden, labels), 0, true, false),
        new ParameterSpec(BIAS, List.of(labels), 0, false, false));
  }

  /**
   * Writes its nodes.
   *
   * @param hidden final hidden states (batch, seq, hidden), float32
   * @param mask (batch, seq), int64, 1 where there is a token
   * @return logits (batch, labels), float32
   */
  public String emit(GraphBuilder graph, String hidden, String mask, Map<String, String> weights) {
    return emit(graph, pool(graph, pooling, hidden, mask), weights);
  }

  /** Writes the nodes behind the pooling. */
  String emit(GraphBuilder graph, String pooled, Map<String, String> weights) {
    return graph.node(
        "Add",
        graph.node("MatMul", pooled, requireNonNull(weights.get(WEIGHTS), WEIGHTS)),
        requireNonNull(weights.get(BIAS), BIAS));
  }

  /** Pools (batch, seq, hidden) to (batch, hidden). */
  static String pool(GraphBuilder graph, Pooling pooling, String hidden, String mask) {
    return switch (pooling) {
      case FIRST -> first(graph, hidden);
      case MEAN -> mean(graph, hidden, mask);
      case NONE -> throw new IllegalArgumentException("pooling: NONE (expected: FIRST or MEAN)");
    };
  }

  private static String first(GraphBuilder graph, String hidden) {
    String row =
        graph.node("Slice", hidden, graph.constant(0L), graph.constant(1L), graph.constant(1L));
    return graph.node("Squeeze", row, graph.constant(1L));
  }

  private static String mean(GraphBuilder graph, String hidden, String mask) {
    String axis = graph.constant(1L);
    String ones =
        graph.node(
            "Cast", List.of(mask), Map.of("to", Attribute.of((long) DataType.FLOAT.onnxCode())));
    String tokens = graph.node("Unsqueeze", ones, graph.constant(2L));
    Map<String, Attribute> flat = Map.of("keepdims", Attribute.of(0L));
    String sum = graph.node("ReduceSum", List.of(graph.node("Mul", hidden, tokens), axis), flat);
    return graph.node("Div", sum, graph.node("ReduceSum", List.of(tokens, axis), flat));
  }
}
