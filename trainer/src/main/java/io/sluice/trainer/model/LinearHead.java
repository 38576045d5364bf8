package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Value;
import io.sluice.registry.bundle.AdapterAbi;
import io.sluice.registry.bundle.Pooling;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Logits as a linear map of one pooled vector a row.
 *
 * @param pooling how the final hidden states of a row become one vector
 * @param labels how many logits
 * @param loss what it learns by
 * @param offset added to the map's numbers behind {@code scale}: what values are spread around
 * @param scale the map's numbers are multiplied by it: how far they are spread
 */
public record LinearHead(Pooling pooling, int labels, Loss loss, double offset, double scale)
    implements TaskHead {
  static final String WEIGHTS = "head_weights"; // (hidden, labels)
  static final String BIAS = "head_bias"; // (labels)

  public LinearHead {
    requireNonNull(pooling, "pooling");
    requireNonNull(loss, "loss");
  }

  /** The head of a classifier. */
  public LinearHead(Pooling pooling, int labels) {
    this(pooling, labels, Loss.SOFTMAX, 0, 1);
  }

  @Override
  public String code() {
    return "linear";
  }

  @Override
  public List<ParameterSpec> parameters(int hidden) {
    return List.of(
        new ParameterSpec(WEIGHTS, List.of(hidden, labels), 0, true),
        new ParameterSpec(BIAS, List.of(labels), 0, false));
  }

  /** Logits (batch, labels). */
  @Override
  public String scores(
      GraphBuilder graph,
      String hidden,
      String mask,
      @Nullable String keep,
      Map<String, String> weights) {
    return scores(graph, pool(graph, pooling, hidden, mask), keep, weights);
  }

  /** Writes the nodes behind the pooling. */
  String scores(
      GraphBuilder graph, String pooled, @Nullable String keep, Map<String, String> weights) {
    String read = keep == null ? pooled : graph.node("Mul", pooled, keep);
    String map =
        graph.node(
            "Add",
            graph.node("MatMul", read, requireNonNull(weights.get(WEIGHTS), WEIGHTS)),
            requireNonNull(weights.get(BIAS), BIAS));
    if (offset == 0 && scale == 1) {
      return map;
    }
    String scaled = graph.node("Mul", map, graph.constant((float) scale));
    return graph.node("Add", scaled, graph.constant((float) offset));
  }

  @Override
  public void outputs(GraphBuilder graph, String scores) {
    graph.outputAs(scores, AdapterAbi.logits(labels));
  }

  @Override
  public Value targets() {
    return loss == Loss.SOFTMAX
        ? Value.of(Tensors.TARGETS, DataType.FLOAT, "batch", labels)
        : Value.of(Tensors.TARGETS, DataType.FLOAT, "batch", 2, labels);
  }

  /** Pools (batch, seq, hidden) to (batch, hidden); the first token alone is enough for FIRST. */
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
