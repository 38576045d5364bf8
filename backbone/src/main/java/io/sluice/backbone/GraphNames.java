package io.sluice.backbone;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Renames tensors of a graph that has no control flow. */
public final class GraphNames {
  private GraphNames() {}

  /**
   * The same graph with other names for some of its tensors.
   *
   * @param names new name by old name; the new names are not taken by other tensors
   */
  public static Graph rename(Graph graph, Map<String, String> names) {
    UnaryOperator<String> name = old -> names.getOrDefault(old, old);
    Map<String, TensorData> initializers = new LinkedHashMap<>();
    graph.initializers().forEach((old, data) -> initializers.put(name.apply(old), data));
    return new Graph(
        graph.name(),
        graph.opsets(),
        values(graph.inputs(), name),
        values(graph.outputs(), name),
        graph.nodes().stream().map(node -> rename(node, name)).toList(),
        initializers);
  }

  private static Node rename(Node node, UnaryOperator<String> name) {
    return new Node(
        node.domain(),
        node.op(),
        node.name(),
        node.inputs().stream().map(name).toList(),
        node.outputs().stream().map(name).toList(),
        node.attributes());
  }

  private static List<Value> values(List<Value> values, UnaryOperator<String> name) {
    return values.stream()
        .map(value -> new Value(name.apply(value.name()), value.type(), value.shape()))
        .toList();
  }
}
