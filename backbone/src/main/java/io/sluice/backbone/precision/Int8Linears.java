package io.sluice.backbone.precision;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites the frozen linears of a graph to 8 bits: weights per output channel, activations per
 * token, both symmetric. For x of shape (..., K) and W of shape (K, N)
 *
 * <pre>
 *   a = max_k |x_k| / 127,  q = round(x / a)         per token, when it runs
 *   b_n = max_k |W_kn| / 127,  P = round(W / b)      once
 *   y_n = a b_n sum_k q_k P_kn                       the sum exact in int32
 * </pre>
 *
 * <p>The usual operator, DynamicQuantizeMatMul, takes one scale for all activations of a batch: a
 * row's result would depend on the rows beside it. A scale per token costs some more and keeps rows
 * apart. Linears that read the same tensor share its quantisation.
 */
public final class Int8Linears {
  private static final int LARGEST = 127;
  private static final int ZERO_POINT = 128;
  private static final float LEAST_MAXIMUM = 1e-10f;
  private static final long LEAST_INNER = 32;
  private static final long LEAST_OUTER = 16;
  private static final long OPSET = 13;

  /** From here on ReduceMax takes its axes as an input. */
  private static final long AXES_OPSET = 18;

  private final Graph graph;
  private final Predicate<Node> where;
  private final GraphBuilder rewritten;
  private final Map<String, Quantized> quantized = new HashMap<>();

  private Int8Linears(Graph graph, Predicate<Node> where) {
    this.graph = graph;
    this.where = where;
    this.rewritten = new GraphBuilder(graph.name(), graph.opsets());
  }

  /** The names of an activation's 8-bit form, uint8 around 128, and of its scale (..., 1). */
  private record Quantized(String values, String scale) {}

  /**
   * The graph with every {@code MatMul} by a weight of at least 32 by 16 rewritten, if it is one of
   * those wanted; the others stay as they are. Names of inputs and outputs stay.
   *
   * @param graph of opset 13 or later
   * @param where nodes that may be rewritten
   */
  public static Graph of(Graph graph, Predicate<Node> where) {
    requireNonNull(graph, "graph");
    if (graph.opset() < OPSET) {
      throw new IllegalArgumentException(
          "graph " + graph.name() + ": opset " + graph.opset() + " (expected: >= " + OPSET + ")");
    }
    return new Int8Linears(graph, requireNonNull(where, "where")).rewrite();
  }

  private Graph rewrite() {
    // What comes later in the graph may be called as new nodes would be.
    graph.nodes().forEach(node -> node.writes().forEach(rewritten::keep));
    graph.inputs().forEach(rewritten::input);
    Set<String> read = readAsTheyAre();
    graph
        .initializers()
        .forEach(
            (name, data) -> {
              if (read.contains(name)) {
                rewritten.initializer(name, data);
              }
            });
    for (Node node : graph.nodes()) {
      TensorData weight = weight(node);
      if (weight == null) {
        rewritten.add(node);
      } else {
        emit(node, weight);
      }
    }
    graph.outputs().forEach(rewritten::output);
    return rewritten.build();
  }

  /** What something reads other than as the weight of a linear that is rewritten. */
  private Set<String> readAsTheyAre() {
    Set<String> read = new HashSet<>();
    for (Node node : graph.nodes()) {
      read.addAll(weight(node) == null ? node.reads() : List.of(node.inputs().get(0)));
    }
    graph.outputs().forEach(output -> read.add(output.name()));
    return read;
  }

  /** The weight of a linear that is rewritten; null for every other node. */
  private @Nullable TensorData weight(Node node) {
    if (!node.is("MatMul")
        || !where.test(node)
        || graph.initializers().containsKey(node.inputs().get(0))) {
      return null;
    }
    TensorData weight = graph.initializers().get(node.inputs().get(1));
    boolean large =
        weight != null
            && weight.type() == DataType.FLOAT
            && weight.rank() == 2
            && weight.shape()[0] >= LEAST_INNER
            && weight.shape()[1] >= LEAST_OUTER;
    return large ? weight : null;
  }

  private void emit(Node linear, TensorData weight) {
    int inner = Math.toIntExact(weight.shape()[0]);
    int outer = Math.toIntExact(weight.shape()[1]);
    float[] values = weight.toFloats();
    float[] scales = scales(values, inner, outer);
    Quantized activation =
        quantized.computeIfAbsent(linear.inputs().get(0), name -> quantize(name));
    String name = linear.inputs().get(1);
    List<String> inputs =
        List.of(
            activation.values(),
            rewritten.initializer(
                name + "@int8",
                TensorData.bytes(
                    DataType.INT8, rounded(values, scales, inner, outer), inner, outer)),
            rewritten.constant(1f),
            rewritten.initializer(name + "@scale", TensorData.floats(scales, outer)),
            zeroPoint());
    String product =
        rewritten.node(Node.MICROSOFT, "MatMulIntegerToFloat", inputs, 1, Map.of()).get(0);
    rewritten.add(
        new Node(
            "",
            "Mul",
            linear.name(),
            List.of(product, activation.scale()),
            linear.outputs(),
            Map.of()));
  }

  private Quantized quantize(String activation) {
    String size = rewritten.node("Abs", activation);
    String largest = largest(size);
    String bounded = rewritten.node("Max", largest, rewritten.constant(LEAST_MAXIMUM));
    String scale = rewritten.node("Mul", bounded, rewritten.constant(1f / LARGEST));
    String scaled = rewritten.node("Div", activation, scale);
    String values = rewritten.node("QuantizeLinear", scaled, rewritten.constant(1f), zeroPoint());
    return new Quantized(values, scale);
  }

  private String largest(String sizes) {
    Attribute keep = Attribute.of(1L);
    if (graph.opset() < AXES_OPSET) {
      return rewritten.node(
          "ReduceMax", List.of(sizes), Map.of("axes", Attribute.ints(-1), "keepdims", keep));
    }
    return rewritten.node(
        "ReduceMax", List.of(sizes, rewritten.constant(new long[] {-1})), Map.of("keepdims", keep));
  }

  private String zeroPoint() {
    ByteBuffer one = ByteBuffer.allocateDirect(1).put(0, (byte) ZERO_POINT);
    return rewritten.constant(TensorData.bytes(DataType.UINT8, one));
  }

  private static float[] scales(float[] weight, int inner, int outer) {
    float[] scales = new float[outer];
    for (int k = 0; k < inner; k++) {
      for (int n = 0; n < outer; n++) {
        scales[n] = Math.max(scales[n], Math.abs(weight[k * outer + n]));
      }
    }
    for (int n = 0; n < outer; n++) {
      scales[n] = Math.max(scales[n], LEAST_MAXIMUM) / LARGEST;
    }
    return scales;
  }

  private static ByteBuffer rounded(float[] weight, float[] scales, int inner, int outer) {
    ByteBuffer rounded = ByteBuffer.allocateDirect(inner * outer);
    for (int i = 0; i < inner * outer; i++) {
      rounded.put(i, (byte) Math.rint(weight[i] / scales[i % outer]));
    }
    return rounded;
  }
}
