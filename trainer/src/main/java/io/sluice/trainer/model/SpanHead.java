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
 * A start and an end logit a token, as a linear map of its vector; padding gets {@link #PADDED}, so
 * that a softmax over the row leaves it out.
 */
public record SpanHead() implements TaskHead {
  /** Added to the logits of padding: e to it is 0 in float32. */
  static final float PADDED = -1e4f;

  private static final String WEIGHTS = "head_weights"; // (hidden, 2)
  private static final String BIAS = "head_bias"; // (2)
  private static final int ENDS = 2;

  @Override
  public String code() {
    return "span";
  }

  @Override
  public Pooling pooling() {
    return Pooling.NONE;
  }

  @Override
  public int labels() {
    return ENDS;
  }

  @Override
  public Loss loss() {
    return Loss.SOFTMAX;
  }

  @Override
  public List<ParameterSpec> parameters(int hidden) {
    return List.of(
        new ParameterSpec(WEIGHTS, List.of(hidden, ENDS), 0, true),
        new ParameterSpec(BIAS, List.of(ENDS), 0, false));
  }

  /** Logits (batch, 2, seq): starts, then ends. */
  @Override
  public String scores(
      GraphBuilder graph,
      String hidden,
      String mask,
      @Nullable String keep,
      Map<String, String> weights) {
    String axis = graph.constant(1L);
    String read =
        keep == null ? hidden : graph.node("Mul", hidden, graph.node("Unsqueeze", keep, axis));
    String map = graph.node("MatMul", read, requireNonNull(weights.get(WEIGHTS), WEIGHTS));
    String logits = graph.node("Add", map, requireNonNull(weights.get(BIAS), BIAS));
    String turned =
        graph.node("Transpose", List.of(logits), Map.of("perm", Attribute.ints(0, 2, 1)));
    String tokens =
        graph.node(
            "Cast", List.of(mask), Map.of("to", Attribute.of((long) DataType.FLOAT.onnxCode())));
    String padding = graph.node("Sub", graph.constant(1f), tokens);
    String barred = graph.node("Mul", padding, graph.constant(PADDED));
    return graph.node("Add", turned, graph.node("Unsqueeze", barred, axis));
  }

  @Override
  public void outputs(GraphBuilder graph, String scores) {
    output(graph, scores, 0, AdapterAbi.START_LOGITS);
    output(graph, scores, 1, AdapterAbi.END_LOGITS);
  }

  @Override
  public Value targets() {
    return Value.of(Tensors.TARGETS, DataType.FLOAT, "batch", ENDS, "seq");
  }

  private static void output(GraphBuilder graph, String scores, long at, String name) {
    String axis = graph.constant(1L);
    String kept = graph.node("Slice", scores, graph.constant(at), graph.constant(at + 1), axis);
    graph.outputAs(graph.node("Squeeze", kept, axis), AdapterAbi.tokenLogits(name));
  }
}
