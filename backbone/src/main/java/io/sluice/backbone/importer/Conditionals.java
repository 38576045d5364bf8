package io.sluice.backbone.importer;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.Body;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.TensorTypes;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Replaces an If by the branch it always takes. That is known when the condition compares sizes
 * that are equal in every probe: sizes of tensors are products and sums of the batch's sizes, so
 * two that agree at all probed sizes are the same.
 */
final class Conditionals {
  /** Operators that hand a condition on. */
  private static final Set<String> HANDING_ON =
      Set.of("Cast", "Identity", "Squeeze", "Unsqueeze", "Reshape");

  private final Graph graph;
  private final Map<String, Node> producers;
  private final ShapeProbe probe;
  private final Set<String> shapeOnly;
  private final Map<String, TensorData> initializers;

  private Conditionals(Graph graph, ShapeProbe probe, Set<String> shapeOnly) {
    this.graph = graph;
    this.producers = graph.producers();
    this.probe = probe;
    this.shapeOnly = shapeOnly;
    this.initializers = new HashMap<>(graph.initializers());
  }

  static boolean present(Graph graph) {
    return graph.nodes().stream().anyMatch(node -> !node.bodies().isEmpty());
  }

  /**
   * The graph without the Ifs of its top level; those inside a branch come up to it.
   *
   * @param graph with canonical inputs
   */
  static Graph resolve(Graph graph, OnnxRuntime runtime) {
    Set<String> shapeOnly = ContextRule.shapeOnly(graph);
    long words = HiddenFlow.of(graph).vocabularyRows();
    ShapeProbe probe = ShapeProbe.run(graph, TensorTypes.of(graph), words, shapeOnly, runtime);
    return new Conditionals(graph, probe, shapeOnly).resolve();
  }

  private Graph resolve() {
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node.bodies().isEmpty()) {
        nodes.add(node);
      } else if (node.is("If")) {
        String branch = condition(node, node.inputs().get(0), true) ? "then_branch" : "else_branch";
        inline(node, branch, nodes);
      } else {
        throw Refusal.of("operator " + node.describe() + ": control flow (expected: none)");
      }
    }
    Graph resolved =
        Graph.sorted(
            graph.name(), graph.opsets(), graph.inputs(), graph.outputs(), nodes, initializers);
    return resolved.extract(graph.name(), graph.inputs(), graph.outputs());
  }

  private void inline(Node node, String branch, List<Node> nodes) {
    Body body =
        node.attribute(branch) instanceof Attribute.OfGraph graphAttribute
            ? graphAttribute.value()
            : null;
    if (body == null) {
      throw Refusal.of(node.describe() + ": no " + branch + " (expected: both branches)");
    }
    Map<String, String> names = new HashMap<>();
    Set<String> made = new HashSet<>(body.initializers().keySet());
    body.nodes().forEach(inner -> made.addAll(inner.writes()));
    made.forEach(name -> names.put(name, name + "@" + node.outputs().get(0)));
    for (int i = 0; i < node.outputs().size(); i++) {
      names.put(body.outputs().get(i), node.outputs().get(i));
    }
    body.initializers()
        .forEach((name, data) -> initializers.put(names.getOrDefault(name, name), data));
    for (Node inner : body.nodes()) {
      if (!inner.bodies().isEmpty()) {
        throw Refusal.of(inner.describe() + ": control flow within control flow (expected: none)");
      }
      nodes.add(
          new Node(
              inner.domain(),
              inner.op(),
              inner.name(),
              inner.inputs().stream().map(name -> names.getOrDefault(name, name)).toList(),
              inner.outputs().stream().map(name -> names.getOrDefault(name, name)).toList(),
              inner.attributes()));
    }
  }

  /** The value the condition always has; {@code positive} is false behind an odd number of Nots. */
  private boolean condition(Node node, String tensor, boolean positive) {
    Node producer = producers.get(tensor);
    if (producer != null && producer.is("Not")) {
      return condition(node, producer.inputs().get(0), !positive);
    }
    if (producer != null && producer.domain().isEmpty() && HANDING_ON.contains(producer.op())) {
      return condition(node, producer.inputs().get(0), positive);
    }
    if (producer != null && producer.is("Equal")) {
      String left = producer.inputs().get(0);
      String right = producer.inputs().get(1);
      if (areSizes(left, right) && probe.areAlwaysEqual(left, right)) {
        return positive;
      }
    }
    throw Refusal.of(
        "operator If ("
            + node.name()
            + "): its condition "
            + tensor
            + " depends on the input (expected: no control flow"
            + " that does)");
  }

  private boolean areSizes(String left, String right) {
    return shapeOnly.contains(left) && shapeOnly.contains(right);
  }
}
