package io.sluice.backbone.form;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.HashMap;
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
          "Neg");
  private static final Set<String> LIKE_HIGHEST =
      Set.of("Add", "Sub", "Mul", "Div", "Pow", "MatMul", "Where");

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
      rank = highest(node);
    } else if (node.is("Reshape")) {
      TensorData target = constants.get(node.inputs().get(1));
      rank = target == null ? null : Math.toIntExact(target.elements());
    }
    if (rank != null && !node.outputs().get(0).isEmpty()) {
      ranks.put(node.outputs().get(0), rank);
    }
  }

  private @Nullable Integer highest(Node node) {
    int highest = 0;
    for (String input : node.inputs()) {
      Integer rank = ranks.get(input);
      if (rank == null) {
        return null;
      }
      highest = Math.max(highest, rank);
    }
    return highest;
  }
}
