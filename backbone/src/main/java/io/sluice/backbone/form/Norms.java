package io.sluice.backbone.form;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The layer norms of a graph that can be written otherwise. Immutable. */
final class Norms {
  static final float DEFAULT_EPSILON = 1e-5f;

  private final Graph graph;
  private final Ranks ranks;
  private final Map<String, Node> producers;
  private final Map<String, List<Node>> consumers;

  Norms(Graph graph, Ranks ranks) {
    this.graph = requireNonNull(graph, "graph");
    this.ranks = requireNonNull(ranks, "ranks");
    this.producers = graph.producers();
    this.consumers = graph.consumers();
  }

  /** Whether this is a norm over the last of three axes of which only the values are wanted. */
  boolean isOverLastOfThree(Node node) {
    if (!node.is("LayerNormalization")
        || node.output(1) != null
        || node.output(2) != null
        || ranks.of(node.inputs().get(0)).orElse(0) != 3) {
      return false;
    }
    long axis = node.intAttribute("axis", -1);
    return (axis == -1 || axis == 2)
        && isVector(node.input(1))
        && (node.input(2) == null || isVector(node.input(2)));
  }

  /** The sum that a norm is of; null where it is of anything else. */
  @Nullable Node sum(Node norm) {
    Node producer = producers.get(norm.inputs().get(0));
    return producer != null && producer.is("Add") ? producer : null;
  }

  /** Whether one node reads what this one made, and nobody outside. */
  boolean isPrivate(Node node) {
    String made = node.outputs().get(0);
    return consumers.getOrDefault(made, List.of()).size() == 1
        && graph.outputs().stream().noneMatch(output -> output.name().equals(made));
  }

  private boolean isVector(@Nullable String tensor) {
    TensorData data = tensor == null ? null : graph.initializers().get(tensor);
    return data != null && data.rank() == 1;
  }
}
