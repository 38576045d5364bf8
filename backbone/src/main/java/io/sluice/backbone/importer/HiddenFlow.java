package io.sluice.backbone.importer;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The part of a graph whose values come from the word embeddings: everything from the Gather of a
 * table by {@code input_ids} onwards. What is told from a tensor's shape alone is not part of it.
 *
 * @param roots the Gather nodes that look up the words
 * @param nodes the roots and all that depends on their values, in topological order
 * @param tensors what those nodes make
 * @param vocabularyRows rows of the smallest table that is looked up
 */
record HiddenFlow(List<Node> roots, List<Node> nodes, Set<String> tensors, long vocabularyRows) {
  /** Operators that look at the shape of their input only. */
  static final Set<String> SHAPE_OPS = Set.of("Shape", "Size");

  /** Operators through which ids reach the Gather unchanged. */
  private static final Set<String> RELABELLING_OPS =
      Set.of("Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten");

  static HiddenFlow of(Graph graph) {
    List<Node> roots = lookups(graph, InputRole.INPUT_IDS);
    if (roots.isEmpty()) {
      throw Refusal.of(
          "word embeddings: none found (expected: a Gather of an embedding table by "
              + InputRole.INPUT_IDS.canonicalName()
              + "; is this a text encoder?)");
    }
    Set<String> tensors = new HashSet<>();
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (roots.contains(node)
          || (!isShapeOp(node) && node.reads().stream().anyMatch(tensors::contains))) {
        nodes.add(node);
        tensors.addAll(node.writes());
      }
    }
    return new HiddenFlow(roots, nodes, tensors, rowsLookedUpBy(graph, InputRole.INPUT_IDS));
  }

  /**
   * Rows of the smallest table that is looked up by that input; {@link Long#MAX_VALUE} where none
   * is.
   */
  static long rowsLookedUpBy(Graph graph, InputRole role) {
    Map<String, Node> producers = graph.producers();
    return lookups(graph, role).stream()
        .mapToLong(node -> tableRows(node.inputs().get(0), graph, producers))
        .min()
        .orElse(Long.MAX_VALUE);
  }

  /** The Gather nodes that look up rows of a constant table by that input. */
  static List<Node> lookups(Graph graph, InputRole role) {
    Map<String, Node> producers = graph.producers();
    Set<String> dynamic = dynamicTensors(graph);
    return graph.nodes().stream()
        .filter(
            node ->
                node.is("Gather")
                    && node.intAttribute("axis", 0) == 0
                    && !dynamic.contains(node.inputs().get(0))
                    && isRelabelled(node.inputs().get(1), role, producers))
        .toList();
  }

  static boolean isShapeOp(Node node) {
    return node.domain().isEmpty() && SHAPE_OPS.contains(node.op());
  }

  private static boolean isRelabelled(String index, InputRole role, Map<String, Node> producers) {
    String tensor = index;
    while (true) {
      Node producer = producers.get(tensor);
      if (producer == null) {
        return tensor.equals(role.canonicalName());
      }
      if (!producer.domain().isEmpty() || !RELABELLING_OPS.contains(producer.op())) {
        return false;
      }
      tensor = producer.inputs().get(0);
    }
  }

  private static Set<String> dynamicTensors(Graph graph) {
    Set<String> dynamic = new HashSet<>();
    graph.inputs().forEach(input -> dynamic.add(input.name()));
    for (Node node : graph.nodes()) {
      if (node.reads().stream().anyMatch(dynamic::contains)) {
        dynamic.addAll(node.writes());
      }
    }
    return dynamic;
  }

  /** Follows a dequantised or cast table down to the weight that holds its rows. */
  private static long tableRows(String table, Graph graph, Map<String, Node> producers) {
    String tensor = table;
    TensorData data = graph.initializers().get(tensor);
    while (data == null) {
      Node producer = producers.get(tensor);
      if (producer == null || producer.inputs().isEmpty()) {
        return Long.MAX_VALUE;
      }
      tensor = producer.inputs().get(0);
      data = graph.initializers().get(tensor);
    }
    return data.rank() == 0 ? Long.MAX_VALUE : data.shape()[0];
  }
}
