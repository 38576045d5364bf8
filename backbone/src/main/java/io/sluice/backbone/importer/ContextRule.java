package io.sluice.backbone.importer;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides which tensors outside the hidden flow the prologue computes once for all blocks, and
 * which each block computes for itself.
 *
 * <p>Handed over: what belongs to its row or is the same for every batch. Computed in the block:
 * sizes, since a block may be run on fewer or more rows than the prologue; copies of a smaller
 * tensor along new axes; and what is neither per row nor shared.
 */
final class ContextRule {
  private static final long SMALL_ELEMENTS = 64;
  private static final Set<String> COPYING_OPS = Set.of("Expand", "Tile");
  private static final Set<String> LAYOUT_OPS =
      Set.of("Unsqueeze", "Squeeze", "Reshape", "Transpose", "Identity", "Flatten", "Cast");

  private final Graph graph;
  private final Map<String, Node> producers;
  private final ShapeProbe probe;
  private final Set<String> shapeOnly;

  ContextRule(Graph graph, Map<String, Node> producers, ShapeProbe probe) {
    this.graph = graph;
    this.producers = producers;
    this.probe = probe;
    this.shapeOnly = shapeOnly(graph);
  }

  /** The tensors that are told from weights and from the shapes of others alone. */
  static Set<String> shapeOnly(Graph graph) {
    Set<String> shapeOnly = new HashSet<>();
    for (Node node : graph.nodes()) {
      boolean fromShapes =
          HiddenFlow.isShapeOp(node)
              || node.reads().stream()
                  .allMatch(
                      input ->
                          shapeOnly.contains(input) || graph.initializers().containsKey(input));
      if (fromShapes) {
        shapeOnly.addAll(node.writes());
      }
    }
    return shapeOnly;
  }

  /**
   * @param tensor outside the hidden flow, not a weight
   */
  boolean isHandedOver(String tensor) {
    Node producer = producers.get(tensor);
    if (producer == null) {
      return true;
    }
    if (isSize(tensor) || isCopy(tensor)) {
      return false;
    }
    return isPerRow(tensor) || isShared(tensor);
  }

  boolean isPerRow(String tensor) {
    return producers.get(tensor) == null || probe.isPerRow(tensor);
  }

  private boolean isShared(String tensor) {
    return shapeOnly.contains(tensor) && probe.isSameForEveryBatch(tensor);
  }

  /** Whether the tensor is a handful of numbers told from shapes. */
  private boolean isSize(String tensor) {
    List<DimRule> dims = probe.dims(tensor);
    return shapeOnly.contains(tensor)
        && dims != null
        && dims.stream().allMatch(DimRule::isFixed)
        && probe.elements(tensor) <= SMALL_ELEMENTS;
  }

  /** Whether the tensor only repeats a smaller one. */
  private boolean isCopy(String tensor) {
    Node producer = producers.get(tensor);
    if (producer == null || !producer.domain().isEmpty()) {
      return false;
    }
    String source = producer.inputs().isEmpty() ? "" : producer.inputs().get(0);
    if (COPYING_OPS.contains(producer.op())) {
      return probe.elements(tensor) > elements(source);
    }
    return LAYOUT_OPS.contains(producer.op()) && isCopy(source);
  }

  private long elements(String tensor) {
    TensorData weight = graph.initializers().get(tensor);
    return weight == null ? probe.elements(tensor) : weight.elements();
  }
}
