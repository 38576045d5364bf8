package io.sluice.backbone.importer;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Replaces a target shape that a Reshape gets computed by one that is constant, with 0 for an axis
 * taken over from the input and -1 for the one that follows: then nothing is left of the arithmetic
 * on sizes that exporters write.
 */
final class ConstantTargets {
  private static final long SAME_AS_INPUT = 0;
  private static final long WHAT_IS_LEFT = -1;

  private ConstantTargets() {}

  static Graph of(Graph graph, ShapeProbe probe) {
    Map<String, TensorData> initializers = new HashMap<>(graph.initializers());
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      TensorData target = node.is("Reshape") ? target(node, graph, probe) : null;
      if (target == null) {
        nodes.add(node);
        continue;
      }
      String name = "@target" + target.elements() + Arrays.toString(target.toLongs());
      initializers.put(name, target);
      nodes.add(
          new Node(
              "",
              "Reshape",
              node.name(),
              List.of(node.inputs().get(0), name),
              node.outputs(),
              Map.of()));
    }
    Graph replaced =
        new Graph(
            graph.name(), graph.opsets(), graph.inputs(), graph.outputs(), nodes, initializers);
    return replaced.extract(graph.name(), graph.inputs(), graph.outputs());
  }

  /** Null where the target is constant already or cannot be. */
  private static @Nullable TensorData target(Node node, Graph graph, ShapeProbe probe) {
    String source = node.inputs().get(0);
    if (graph.initializers().containsKey(node.inputs().get(1))
        || graph.initializers().containsKey(source)) {
      return null;
    }
    List<DimRule> from = probe.dims(source);
    List<DimRule> to = probe.dims(node.outputs().get(0));
    if (from == null || to == null) {
      return null;
    }
    long[] target = new long[to.size()];
    boolean leftTaken = false;
    for (int axis = 0; axis < target.length; axis++) {
      DimRule rule = to.get(axis);
      if (rule.isFixed() && rule.offset() > 0) {
        target[axis] = rule.offset();
      } else if (axis < from.size() && Objects.equals(from.get(axis), rule)) {
        target[axis] = SAME_AS_INPUT;
      } else if (!leftTaken) {
        target[axis] = WHAT_IS_LEFT;
        leftTaken = true;
      } else {
        return null;
      }
    }
    return TensorData.longs(target, target.length);
  }
}
