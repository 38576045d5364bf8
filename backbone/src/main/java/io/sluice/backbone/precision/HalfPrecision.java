package io.sluice.backbone.precision;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.HalfFloat;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.TensorTypes;
import io.sluice.backbone.graph.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Rewrites a graph so that it computes in 16-bit floating point between its 32-bit inputs and
 * outputs: weights are rounded once, activations where they come in.
 *
 * <p>Operators that square or sum without a wide accumulator stay in 32 bits, with casts around
 * them. What a mask holds for tokens that must not be seen can be beyond the range of 16 bits, so
 * context is bounded: far below every product of queries and keys, and two of it do not overflow.
 */
final class HalfPrecision {
  static final float LARGEST = 65504;
  private static final float LOWEST_CONTEXT = -30000;
  private static final String HALF = "@half";

  private static final Set<String> STANDARD =
      Set.of(
          "Add",
          "Concat",
          "Div",
          "Erf",
          "Expand",
          "Flatten",
          "Gather",
          "GatherElements",
          "Gelu",
          "Gemm",
          "Identity",
          "LayerNormalization",
          "MatMul",
          "Max",
          "Min",
          "Mul",
          "Neg",
          "Relu",
          "Reshape",
          "Sigmoid",
          "Slice",
          "Softmax",
          "Split",
          "Squeeze",
          "Sub",
          "Tanh",
          "Tile",
          "Transpose",
          "Unsqueeze",
          "Where");

  /** What reads no values. */
  private static final Set<String> SIZES = Set.of("Shape", "Size");

  private static final Set<String> MICROSOFT =
      Set.of(
          "Attention",
          "BiasGelu",
          "FastGelu",
          "Gelu",
          "MultiHeadAttention",
          "SkipLayerNormalization");

  private final Graph graph;
  private final Predicate<Node> where;
  private final Map<String, DataType> types;
  private final Map<String, Value> inputs;
  private final GraphBuilder rewritten;

  /** The 16-bit form of a tensor, by its name. */
  private final Map<String, String> halves = new HashMap<>();

  /** Tensors of which there is a 16-bit form only. */
  private final Map<String, String> narrow = new HashMap<>();

  private HalfPrecision(Graph graph, Predicate<Node> where) {
    this.graph = graph;
    this.where = where;
    this.types = TensorTypes.of(graph);
    this.inputs = graph.inputs().stream().collect(Collectors.toMap(Value::name, input -> input));
    this.rewritten = new GraphBuilder(graph.name(), graph.opsets());
  }

  /**
   * The graph with those of its nodes in 16 bits that are wanted and can be; the same inputs and
   * outputs.
   */
  static Graph of(Graph graph, Predicate<Node> where) {
    return new HalfPrecision(requireNonNull(graph, "graph"), requireNonNull(where, "where"))
        .rewrite();
  }

  private Graph rewrite() {
    // What comes later in the graph may be called as new nodes would be.
    graph.nodes().forEach(node -> node.writes().forEach(rewritten::keep));
    graph.inputs().forEach(rewritten::input);
    graph.initializers().forEach(rewritten::initializer);
    for (Node node : graph.nodes()) {
      if (isHalf(node)) {
        add(node);
      } else if (SIZES.contains(node.op())) {
        rewritten.add(node.reading(input -> narrow.getOrDefault(input, input)));
      } else {
        node.reads().forEach(this::widen);
        rewritten.add(node);
      }
    }
    for (Value output : graph.outputs()) {
      widen(output.name());
      rewritten.output(output);
    }
    // Without the weights that are read in 16 bits only.
    return rewritten.build().extract(graph.name(), graph.inputs(), graph.outputs());
  }

  private boolean isHalf(Node node) {
    Set<String> able = node.domain().equals(Node.MICROSOFT) ? MICROSOFT : STANDARD;
    return (able.contains(node.op()) || isCube(node))
        && (node.domain().isEmpty() || node.domain().equals(Node.MICROSOFT))
        && where.test(node)
        && node.writes().stream().allMatch(this::isFloat)
        && node.reads().stream().anyMatch(this::isFloat);
  }

  /** A cube is in the approximation of gelu only, where its largest values make no difference. */
  private boolean isCube(Node node) {
    TensorData exponent = node.is("Pow") ? graph.initializers().get(node.inputs().get(1)) : null;
    return exponent != null
        && exponent.type() == DataType.FLOAT
        && exponent.elements() == 1
        && exponent.toFloats()[0] == 3;
  }

  private boolean isFloat(String tensor) {
    return types.get(tensor) == DataType.FLOAT;
  }

  private void add(Node node) {
    List<String> read =
        node.inputs().stream().map(input -> isFloat(input) ? half(input) : input).toList();
    List<String> made =
        node.outputs().stream()
            .map(output -> output.isEmpty() ? output : rewritten.fresh(output + HALF))
            .toList();
    rewritten.add(new Node(node.domain(), node.op(), node.name(), read, made, node.attributes()));
    for (int i = 0; i < made.size(); i++) {
      if (!made.get(i).isEmpty()) {
        halves.put(node.outputs().get(i), made.get(i));
        narrow.put(node.outputs().get(i), made.get(i));
      }
    }
  }

  private String half(String tensor) {
    String there = halves.get(tensor);
    if (there != null) {
      return there;
    }
    TensorData weight = graph.initializers().get(tensor);
    String made =
        weight == null
            ? cast(bounded(tensor), rewritten.fresh(tensor + HALF), DataType.FLOAT16)
            : rewritten.initializer(tensor + HALF, rounded(weight));
    halves.put(tensor, made);
    return made;
  }

  /** The tensor itself, but for an input that is not (batch, seq, hidden). */
  private String bounded(String tensor) {
    Value input = inputs.get(tensor);
    boolean context = input != null && !(input.ranked() && input.shape().size() == 3);
    return context ? rewritten.node("Max", tensor, rewritten.constant(LOWEST_CONTEXT)) : tensor;
  }

  /** Makes the 32-bit form of a tensor, under its name, if there is none. */
  private void widen(String tensor) {
    String half = narrow.remove(tensor);
    if (half != null) {
      cast(half, tensor, DataType.FLOAT);
    }
  }

  private String cast(String from, String to, DataType type) {
    rewritten.add(
        Node.of(
            "Cast",
            List.of(from),
            List.of(to),
            Map.of("to", Attribute.of((long) type.onnxCode()))));
    return to;
  }

  private static TensorData rounded(TensorData weight) {
    float[] values = weight.toFloats();
    ByteBuffer halves =
        ByteBuffer.allocateDirect(Math.multiplyExact(values.length, Short.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      boolean beyond = Float.isFinite(value) && Math.abs(value) > LARGEST;
      halves.putShort(HalfFloat.ofFloat(beyond ? Math.copySign(LARGEST, value) : value));
    }
    return TensorData.bytes(DataType.FLOAT16, halves.flip(), weight.shape());
  }
}
