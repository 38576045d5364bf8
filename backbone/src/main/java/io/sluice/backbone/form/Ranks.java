package io.sluice.backbone.form;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The numbers of axes of a graph's tensors, where its operators tell. Immutable. */
final class Ranks {
  private static final Set<String> LIKE_FIRST =
      Set.of(
          "LayerNormalization",
          "MultiHeadAttention",
          "Attention",
          "SkipLayerNormalization",
          "Softmax",
          "Transpose",
          "Identity",
          "Cast",
          "Dropout",
          "Gelu",
          "FastGelu",
          "BiasGelu",
          "Relu",
          "Tanh",
          "Erf",
          "Sigmoid",
          "Sqrt",
          "Neg",
          "Abs",
          "QuantizeLinear",
          "DequantizeLinear");
  private static final Set<String> LIKE_HIGHEST =
      Set.of("Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "MatMul", "Where");

  private final Map<String, Integer> ranks = new HashMap<>();

  private Ranks() {}

  static Ranks of(Graph graph) {
    Ranks ranks = new Ranks();
    graph.inputs().stream()
        .filter(input -> input.ranked())
        .forEach(input -> ranks.ranks.put(input.name(), input.shape().size()));
    graph.initializers().forEach((name, data) -> ranks.ranks.put(name, data.rank()));
    graph.nodes().forEach(node -> ranks.add(node, graph.initializers()));
    return ranks;
  }

  OptionalInt of(String tensor) {
    Integer rank = ranks.get(tensor);
    return rank == null ? OptionalInt.empty() : OptionalInt.of(rank);
  }

  private void add(Node node, Map<String, TensorData> constants) {
    @Nullable Integer rank = null;
    if (LIKE_FIRST.contains(node.op())) {
      rank = ranks.get(node.inputs().get(0));
    } else if (LIKE_HIGHEST.contains(node.op())) {
      rank = highest(node.inputs());
    } else if (node.op().equals("MatMulIntegerToFloat")) {
      rank = highest(node.inputs().subList(0, 2));
    } else if (node.op().startsWith("Reduce") && node.intAttribute("keepdims", 1) == 1) {
      rank = ranks.get(node.inputs().get(0));
    } else if (node.is("Reshape")) {
      TensorData target = constants.get(node.inputs().get(1));
      rank = target == null ? null : Math.toIntExact(target.elements());
    }
    if (rank != null && !node.outputs().get(0).isEmpty()) {
      ranks.put(node.outputs().get(0), rank);
    }
    if (node.is("Split") && ranks.containsKey(node.inputs().get(0))) {
      int each = ranks.get(node.inputs().get(0));
      node.writes().forEach(part -> ranks.put(part, each));
    }
  }

  private @Nullable Integer highest(List<String> inputs) {
    int highest = 0;
    for (String input : inputs) {
      Integer rank = ranks.get(input);
      if (rank == null) {
        return null;
      }
      highest = Math.max(highest, rank);
    }
    return highest;
  }
}
