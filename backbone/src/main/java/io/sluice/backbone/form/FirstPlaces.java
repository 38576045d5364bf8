package io.sluice.backbone.form;

import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Of which axis of each tensor of a graph only the first place is read, followed from the nodes
 * that take the first token through the operators that layers are made of. At any other operator it
 * ends: that one's inputs are wanted whole. Immutable.
 */
final class FirstPlaces {
  /** A tensor of which all is wanted. */
  static final int ALL = -1;

  private static final Set<String> UNARY =
      Set.of(
          "Identity",
          "Cast",
          "Gelu",
          "FastGelu",
          "QuickGelu",
          "Relu",
          "Tanh",
          "Erf",
          "Sigmoid",
          "Sqrt",
          "Neg",
          "Abs",
          "Exp",
          "Reciprocal",
          "LeakyRelu",
          "Elu");
  private static final Set<String> BROADCASTING =
      Set.of("Add", "Sub", "Mul", "Div", "Pow", "Where", "Min", "Max");

  private static final Set<String> PRODUCTS = Set.of("MatMul", "MatMulIntegerToFloat");

  private final Graph graph;
  private final Ranks ranks;
  private final Map<String, Integer> wanted = new HashMap<>();

  private FirstPlaces(Graph graph) {
    this.graph = graph;
    this.ranks = Ranks.of(graph);
  }

  static FirstPlaces wanted(Graph graph) {
    FirstPlaces places = new FirstPlaces(graph);
    places.follow();
    return places;
  }

  /** Whether of {@code axis} of the tensor only the first place is read. */
  boolean isFirst(String tensor, int axis) {
    return axis(tensor) == axis;
  }

  /** Whether anything reads the tensor. */
  boolean isRead(String tensor) {
    return wanted.containsKey(tensor);
  }

  /** Whether all of the tensor is read, if anything is. */
  boolean isWhole(String tensor) {
    return axis(tensor) == ALL;
  }

  /**
   * For each input of a node the axis of which it reads the first place, or {@link #ALL}; no
   * entries where it reads all of all.
   */
  int[] axesOfInputs(Node node) {
    List<Integer> axes = node.writes().stream().map(this::axis).distinct().toList();
    int axis = axes.size() == 1 ? axes.get(0) : ALL;
    return axis == ALL ? new int[0] : axes(node, axis);
  }

  private int axis(String tensor) {
    return wanted.getOrDefault(tensor, ALL);
  }

  /** Whether the node takes the first place of the second of three axes. */
  static boolean isFirstToken(Graph graph, Node node) {
    if (node.is("Gather")) {
      return node.intAttribute("axis", 0) == 1 && is(graph, node.inputs().get(1), 0);
    }
    return node.is("Slice")
        && node.inputs().size() == 4
        && is(graph, node.inputs().get(1), 0)
        && is(graph, node.inputs().get(2), 1)
        && is(graph, node.inputs().get(3), 1);
  }

  private static boolean is(Graph graph, String tensor, long value) {
    TensorData data = graph.initializers().get(tensor);
    return data != null && Arrays.equals(data.toLongs(), new long[] {value});
  }

  private void follow() {
    graph.outputs().stream().map(Value::name).forEach(output -> wanted.put(output, ALL));
    for (int i = graph.nodes().size() - 1; i >= 0; i--) {
      Node node = graph.nodes().get(i);
      if (isFirstToken(graph, node)) {
        want(node.inputs().get(0), 1);
        continue;
      }
      int[] axes = axesOfInputs(node);
      if (axes.length == 0) {
        node.writes().forEach(output -> wanted.put(output, ALL));
        node.reads().forEach(input -> want(input, ALL));
      } else {
        for (int k = 0; k < axes.length; k++) {
          want(node.inputs().get(k), axes[k]);
        }
      }
    }
  }

  private void want(String tensor, int axis) {
    wanted.merge(tensor, axis, (one, other) -> one.equals(other) ? one : ALL);
  }

  /** What it takes to make the first place of {@code axis}; no entries where that is not known. */
  private int[] axes(Node node, int axis) {
    int rank = ranks.of(node.outputs().get(0)).orElse(ALL);
    if (axis >= rank || !isPossible(node, axis, rank)) {
      return new int[0];
    }
    int[] axes = new int[node.inputs().size()];
    Arrays.fill(axes, ALL);
    axes[0] = axis;
    if (BROADCASTING.contains(node.op())) {
      for (int i = 0; i < axes.length; i++) {
        axes[i] = broadcastAxis(node.inputs().get(i), axis, rank);
      }
    } else if (PRODUCTS.contains(node.op())) {
      // Rows of a product are rows of its left operand.
      axes[0] = ranks.of(node.inputs().get(0)).orElse(ALL) - 2;
    } else if (node.op().equals("SkipLayerNormalization")) {
      axes[1] = axis;
    } else if (node.is("Transpose")) {
      axes[0] = Math.toIntExact(node.intsAttribute("perm", List.of()).get(axis));
    }
    return axes;
  }

  private boolean isPossible(Node node, int axis, int rank) {
    if (UNARY.contains(node.op())) {
      return true;
    }
    if (BROADCASTING.contains(node.op())) {
      return node.inputs().stream().allMatch(input -> ranks.of(input).isPresent());
    }
    return switch (node.op()) {
      case "QuantizeLinear", "DequantizeLinear" -> isNumber(node, 1) && isNumber(node, 2);
      case "MatMul" -> isProductOfRows(node, axis, rank);
      case "MatMulIntegerToFloat" ->
          isProductOfRows(node, axis, rank) && isNumber(node, 2) && isNumber(node, 4);
      case "LayerNormalization", "SimplifiedLayerNormalization", "RMSNormalization" ->
          axis < rank - 1 && isLast(node.intAttribute("axis", -1), rank);
      case "SkipLayerNormalization" ->
          axis < rank - 1 && ranks.of(node.inputs().get(1)).orElse(ALL) == rank;
      case "Softmax", "LogSoftmax" ->
          axis < rank - 1 && isLast(node.intAttribute("axis", graph.opset() < 13 ? 1 : -1), rank);
      case "Split" -> axis < rank - 1 && isLast(node.intAttribute("axis", 0), rank);
      case "ReduceMean", "ReduceMax", "ReduceSum" -> axis < rank - 1 && reducesLast(node, rank);
      case "Transpose" -> node.intsAttribute("perm", List.of()).size() == rank;
      case "Reshape" -> isKeptByReshape(node, axis);
      default -> false;
    };
  }

  /** The axis of a broadcast operand that is {@code axis} of the result; ALL where it has none. */
  private int broadcastAxis(String operand, int axis, int rank) {
    int own = axis - (rank - ranks.of(operand).orElse(0));
    TensorData constant = graph.initializers().get(operand);
    boolean alone = own < 0 || (constant != null && constant.shape()[own] == 1);
    return alone || isOneByDeclaration(operand, own) ? ALL : own;
  }

  private boolean isOneByDeclaration(String tensor, int axis) {
    return graph.inputs().stream()
        .filter(input -> input.name().equals(tensor))
        .anyMatch(input -> input.shape().get(axis).equals(new Dim.Known(1)));
  }

  private boolean isProductOfRows(Node node, int axis, int rank) {
    return axis == rank - 2
        && ranks.of(node.inputs().get(0)).orElse(ALL) >= 2
        && ranks.of(node.inputs().get(1)).orElse(ALL) >= 2;
  }

  /** Whether the input is absent or one number. */
  private boolean isNumber(Node node, int index) {
    String input = node.input(index);
    TensorData data = input == null ? null : graph.initializers().get(input);
    return input == null || (data != null && data.elements() == 1);
  }

  private boolean reducesLast(Node node, int rank) {
    if (node.intAttribute("keepdims", 1) != 1) {
      return false;
    }
    List<Long> axes = node.intsAttribute("axes", List.of());
    TensorData given = node.input(1) == null ? null : graph.initializers().get(node.input(1));
    if (given != null) {
      axes = Arrays.stream(given.toLongs()).boxed().toList();
    }
    return axes.size() == 1 && isLast(axes.get(0), rank);
  }

  private static boolean isLast(long axis, int rank) {
    return axis == -1 || axis == rank - 1;
  }

  /** Whether the axis and all before it are copied, so that the rest is shaped by itself. */
  private boolean isKeptByReshape(Node node, int axis) {
    TensorData target = graph.initializers().get(node.inputs().get(1));
    return target != null
        && node.intAttribute("allowzero", 0) == 0
        && ranks.of(node.inputs().get(0)).orElse(0) > axis
        && Arrays.stream(target.toLongs()).limit(axis + 1L).allMatch(size -> size == 0);
  }
}
