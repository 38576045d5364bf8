package io.sluice.backbone.precision;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
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
 * <p>Where the range of x is known, its scale is a constant ({@link InputScale}): looking for the
 * largest of each token costs more than the product itself. The usual operator,
 * DynamicQuantizeMatMul, takes one scale for all activations of a batch: a row's result would
 * depend on the rows beside it. Here rows stay apart. Linears that read the same tensor share its
 * quantisation.
 */
final class Int8Linears {
  static final int LARGEST = 127;
  private static final int ZERO_POINT = 128;
  private static final int LEVELS = 255;

  /** Of what hardly goes below zero. */
  private static final int LOW_ZERO_POINT = 32;

  static final float LEAST_MAXIMUM = 1e-10f;
  private static final long LEAST_INNER = 32;
  private static final long LEAST_OUTER = 16;
  private static final long OPSET = 13;

  /** From here on ReduceMax takes its axes as an input. */
  private static final long AXES_OPSET = 18;

  private final Graph graph;
  private final Predicate<Node> where;
  private final Map<String, Node> makers;
  private final Map<String, List<Node>> readers;
  private final Set<String> outputs;
  private final Map<String, InputScale> constants = new HashMap<>();

  /** Inputs that hardly go below zero, and how far they do. */
  private final Map<String, Float> floors = new HashMap<>();

  private final GraphBuilder rewritten;
  private final Map<String, Quantized> quantized = new HashMap<>();

  private Int8Linears(Graph graph, ActivationRanges ranges, Predicate<Node> where) {
    this.graph = graph;
    this.where = where;
    this.makers = graph.producers();
    this.readers = graph.consumers();
    this.outputs = graph.outputs().stream().map(Value::name).collect(Collectors.toSet());
    this.rewritten = new GraphBuilder(graph.name(), graph.opsets());
    measure(ranges);
  }

  /**
   * An activation in 8 bits.
   *
   * @param values uint8
   * @param zeroPoint what 0 is in it
   * @param step what the product is multiplied by at once: one number
   * @param scale what it is multiplied by after: (..., 1); null for nothing
   */
  private record Quantized(String values, String zeroPoint, String step, @Nullable String scale) {}

  /**
   * The graph with every {@code MatMul} by a weight of at least 32 by 16 rewritten, if it is one of
   * those wanted; the others stay as they are. Names of inputs and outputs stay.
   *
   * @param graph of opset 13 or later
   * @param ranges of the backbone that the graph is a part of
   * @param where nodes that may be rewritten
   */
  static Graph of(Graph graph, ActivationRanges ranges, Predicate<Node> where) {
    requireNonNull(graph, "graph");
    if (graph.opset() < OPSET) {
      throw new IllegalArgumentException(
          "graph " + graph.name() + ": opset " + graph.opset() + " (expected: >= " + OPSET + ")");
    }
    return new Int8Linears(graph, requireNonNull(ranges, "ranges"), requireNonNull(where, "where"))
        .rewrite();
  }

  private void measure(ActivationRanges ranges) {
    Map<String, List<TensorData>> weights = new HashMap<>();
    Map<String, ActivationRanges.Range> known = new HashMap<>();
    for (Node node : graph.nodes()) {
      TensorData weight = weight(node);
      if (weight == null) {
        continue;
      }
      String input = node.inputs().get(0);
      weights.computeIfAbsent(input, name -> new ArrayList<>()).add(weight);
      ActivationRanges.Range range = ranges.of(weight);
      if (range != null && range.fits(weight)) {
        known.putIfAbsent(input, range);
      }
    }
    known.forEach(
        (input, range) -> {
          if (range.isPerChannel()) {
            List<TensorData> read = weights.getOrDefault(input, List.of());
            constants.put(input, InputScale.of(range, read, isOwn(input)));
          } else if (range.isOneSided()) {
            floors.put(input, Math.max(LEAST_MAXIMUM, -range.lowest()[0]));
          }
        });
  }

  private Graph rewrite() {
    // What comes later in the graph may be called as new nodes would be.
    graph.nodes().forEach(node -> node.writes().forEach(rewritten::keep));
    graph.inputs().forEach(rewritten::input);
    Set<Node> joined = new HashSet<>();
    graph.nodes().stream().map(this::bias).filter(bias -> bias != null).forEach(joined::add);
    Set<String> read = readAsTheyAre(joined);
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
      if (weight != null) {
        emit(node, weight);
      } else if (isDivided(node)) {
        emitDivided(node);
      } else if (!joined.contains(node)) {
        rewritten.add(node);
      }
    }
    graph.outputs().forEach(rewritten::output);
    return rewritten.build();
  }

  /** What something reads other than as the weight of a linear, or of a norm, that is rewritten. */
  private Set<String> readAsTheyAre(Set<Node> joined) {
    Set<String> read = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (weight(node) != null || isDivided(node)) {
        read.add(node.inputs().get(0));
      } else {
        read.addAll(node.reads());
      }
    }
    joined.forEach(add -> read.addAll(add.reads()));
    read.addAll(outputs);
    return read;
  }

  /** The weight of a linear that is rewritten; null for every other node. */
  private @Nullable TensorData weight(Node node) {
    return where.test(node) ? weight(graph, node) : null;
  }

  /** The weight of a linear that can be rewritten; null for every other node. */
  static @Nullable TensorData weight(Graph graph, Node node) {
    if (!node.is("MatMul") || graph.initializers().containsKey(node.inputs().get(0))) {
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

  /**
   * Whether a tensor comes from a layer norm that can give what is rounded itself, because nobody
   * else reads it.
   */
  private boolean isOwn(String tensor) {
    Node norm = makers.get(tensor);
    return norm != null
        && norm.is("LayerNormalization")
        && norm.inputs().size() == 3
        && isVector(norm.inputs().get(1))
        && isVector(norm.inputs().get(2))
        && !outputs.contains(tensor)
        && readersOf(tensor).stream().allMatch(reader -> weight(reader) != null);
  }

  private boolean isVector(String tensor) {
    TensorData data = graph.initializers().get(tensor);
    return data != null && data.rank() == 1;
  }

  private boolean isDivided(Node node) {
    String output = node.outputs().get(0);
    return constants.containsKey(output) && isOwn(output);
  }

  /** What adds a bias to a linear with a constant scale, and can be done with it; null if none. */
  private @Nullable Node bias(Node linear) {
    if (weight(linear) == null || !constants.containsKey(linear.inputs().get(0))) {
      return null;
    }
    String product = linear.outputs().get(0);
    List<Node> next = readersOf(product);
    if (next.size() != 1 || !next.get(0).is("Add") || outputs.contains(product)) {
      return null;
    }
    TensorData bias = graph.initializers().get(other(next.get(0), product));
    boolean fits =
        bias != null
            && bias.rank() == 1
            && bias.type() == DataType.FLOAT
            && bias.elements() == requireNonNull(weight(linear)).shape()[1];
    return fits ? next.get(0) : null;
  }

  private static String other(Node add, String term) {
    return add.inputs().get(0).equals(term) ? add.inputs().get(1) : add.inputs().get(0);
  }

  private List<Node> readersOf(String tensor) {
    return readers.getOrDefault(tensor, List.of());
  }

  private void emitDivided(Node norm) {
    InputScale scale = requireNonNull(constants.get(norm.outputs().get(0)));
    List<String> inputs = new ArrayList<>(norm.inputs());
    for (int i = 1; i <= 2; i++) {
      String name = norm.inputs().get(i);
      inputs.set(
          i, rewritten.initializer(name + "@divided", scale.divided(graph.initializer(name))));
    }
    rewritten.add(
        new Node(norm.domain(), norm.op(), norm.name(), inputs, norm.outputs(), norm.attributes()));
  }

  private void emit(Node linear, TensorData weight) {
    int inner = Math.toIntExact(weight.shape()[0]);
    int outer = Math.toIntExact(weight.shape()[1]);
    float[] values = weight.toFloats();
    String input = linear.inputs().get(0);
    InputScale constant = constants.get(input);
    if (constant != null) {
      constant.multiply(values);
    }
    RoundedWeight rounded = RoundedWeight.of(values, inner, outer);
    Quantized activation = quantized.computeIfAbsent(input, name -> quantize(name, constant));
    String name = linear.inputs().get(1);
    List<String> inputs = new ArrayList<>();
    inputs.add(activation.values());
    inputs.add(rewritten.initializer(name + "@int8", rounded.values()));
    inputs.add(activation.step());
    inputs.add(rewritten.initializer(name + "@scale", rounded.scales()));
    inputs.add(activation.zeroPoint());
    Node bias = bias(linear);
    if (bias != null) {
      inputs.add("");
      inputs.add(other(bias, linear.outputs().get(0)));
    }
    if (activation.scale() == null) {
      List<String> made = (bias == null ? linear : bias).outputs();
      rewritten.add(product(linear.name(), inputs, made));
      return;
    }
    String product = rewritten.fresh(linear.outputs().get(0));
    rewritten.add(product("", inputs, List.of(product)));
    rewritten.add(
        new Node(
            "",
            "Mul",
            linear.name(),
            List.of(product, activation.scale()),
            linear.outputs(),
            Map.of()));
  }

  private static Node product(String name, List<String> inputs, List<String> outputs) {
    return new Node(Node.MICROSOFT, "MatMulIntegerToFloat", name, inputs, outputs, Map.of());
  }

  private Quantized quantize(String activation, @Nullable InputScale constant) {
    if (constant != null) {
      String zero = zeroPoint(constant.zeroPoint());
      String step = rewritten.constant(constant.step());
      String divided = divided(activation, constant);
      return new Quantized(rewritten.node("QuantizeLinear", divided, step, zero), zero, step, null);
    }
    Float floor = floors.get(activation);
    String largest = largest(floor == null ? rewritten.node("Abs", activation) : activation);
    int zeroPoint = floor == null ? ZERO_POINT : LOW_ZERO_POINT;
    int levels = floor == null ? LARGEST : LEVELS - LOW_ZERO_POINT;
    float least = floor == null ? LEAST_MAXIMUM / LARGEST : floor / LOW_ZERO_POINT;
    String wanted = rewritten.node("Mul", largest, rewritten.constant(1f / levels));
    String scale = rewritten.node("Max", wanted, rewritten.constant(least));
    String scaled = rewritten.node("Div", activation, scale);
    String one = rewritten.constant(1f);
    String zero = zeroPoint(zeroPoint);
    return new Quantized(rewritten.node("QuantizeLinear", scaled, one, zero), zero, one, scale);
  }

  private String divided(String activation, InputScale constant) {
    TensorData inverse = constant.inverse();
    return inverse == null || isOwn(activation)
        ? activation
        : rewritten.node(
            "Mul", activation, rewritten.initializer(activation + "@inverse", inverse));
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

  private String zeroPoint(int value) {
    ByteBuffer one = ByteBuffer.allocateDirect(1).put(0, (byte) value);
    return rewritten.constant(TensorData.bytes(DataType.UINT8, one));
  }
}
