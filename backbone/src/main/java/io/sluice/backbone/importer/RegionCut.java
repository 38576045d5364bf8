package io.sluice.backbone.importer;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ContextTensor;
import io.sluice.backbone.GraphNames;
import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rewrites a graph so that it falls apart at its boundaries: the hidden flow stays as it is, and
 * everything beside it is either computed in the prologue and handed over, or copied into each
 * block that needs it, with the sizes of the block's own input.
 */
final class RegionCut {
  private final Graph graph;
  private final HiddenFlow flow;
  private final ShapeProbe probe;
  private final Map<String, Node> producers;
  private final ContextRule rule;
  private final LocalSizes sizes;
  private final Region prologue = new Region(0, null);

  /**
   * Names of the context tensors by the tensors they hold, in the order in which blocks ask for
   * them.
   */
  private final Map<String, String> context = new LinkedHashMap<>();

  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, TensorData> constants = new HashMap<>();

  private RegionCut(Graph graph, HiddenFlow flow, ShapeProbe probe) {
    this.graph = graph;
    this.flow = flow;
    this.probe = probe;
    this.producers = graph.producers();
    this.rule = new ContextRule(graph, producers, probe);
    this.sizes = new LocalSizes(probe, nodes, constants);
  }

  /**
   * @param graph pruned to its one output
   */
  static CutGraph cut(
      Graph graph, HiddenFlow flow, ShapeProbe probe, List<String> boundaries, int hiddenSize) {
    String output = graph.outputs().get(0).name();
    RegionCut cut = new RegionCut(graph, flow, probe);
    if (!cut.rewrite(boundaries, output)) {
      List<String> later = new ArrayList<>(boundaries.subList(0, boundaries.size() - 1));
      later.add(output);
      return cut(graph, flow, probe, later, hiddenSize);
    }
    return cut.result(boundaries, output, hiddenSize);
  }

  /**
   * Returns false when the epilogue would need context: it has no other input than the last
   * boundary.
   */
  private boolean rewrite(List<String> boundaries, String output) {
    region(prologue, boundaries.get(0));
    for (int k = 1; k < boundaries.size(); k++) {
      region(new Region(k, boundaries.get(k - 1)), boundaries.get(k));
    }
    String last = boundaries.get(boundaries.size() - 1);
    if (last.equals(output)) {
      return true;
    }
    int handedOver = context.size();
    Set<String> before = new HashSet<>(context.values());
    int start = nodes.size();
    region(new Region(boundaries.size(), last), output);
    boolean needsContext =
        nodes.subList(start, nodes.size()).stream()
            .anyMatch(node -> node.reads().stream().anyMatch(before::contains));
    return context.size() == handedOver && !needsContext;
  }

  private CutGraph result(List<String> boundaries, String output, int hiddenSize) {
    Map<String, TensorData> weights = new HashMap<>(constants);
    for (Node node : nodes) {
      for (String read : node.reads()) {
        TensorData weight = graph.initializers().get(read);
        if (weight != null) {
          weights.put(read, weight);
        }
      }
    }
    List<Value> outputs = List.of(Value.of(output, DataType.FLOAT, "batch", "seq", hiddenSize));
    Graph whole = Graph.sorted("backbone", graph.opsets(), graph.inputs(), outputs, nodes, weights);
    List<ContextTensor> tensors = new ArrayList<>();
    context.forEach(
        (tensor, name) ->
            tensors.add(new ContextTensor(probe.value(tensor).named(name), rule.isPerRow(tensor))));
    List<String> names =
        boundaries.stream()
            .map(name -> name.equals(output) ? Backbone.MODEL_OUTPUT : name)
            .toList();
    return new CutGraph(
        GraphNames.rename(whole, Map.of(output, Backbone.MODEL_OUTPUT)), names, tensors);
  }

  private void region(Region region, String target) {
    Set<Node> inside = hiddenNodes(region, target);
    for (Node node : graph.nodes()) {
      if (inside.contains(node)) {
        nodes.add(withInputs(region, node, node.name(), node.outputs()));
      }
    }
  }

  /** The nodes of the hidden flow between the region's base and {@code target}. */
  private Set<Node> hiddenNodes(Region region, String target) {
    Set<Node> inside = new HashSet<>();
    List<String> open = new ArrayList<>(List.of(target));
    while (!open.isEmpty()) {
      String tensor = open.remove(open.size() - 1);
      if (!flow.tensors().contains(tensor) || tensor.equals(region.base)) {
        continue;
      }
      Node producer = producers.get(tensor);
      if (producer == null || !inside.add(producer)) {
        continue;
      }
      region.local.addAll(producer.writes());
      open.addAll(producer.reads());
    }
    return inside;
  }

  private Node withInputs(Region region, Node node, String name, List<String> outputs) {
    List<String> inputs = node.inputs().stream().map(input -> resolve(region, input)).toList();
    return new Node(node.domain(), node.op(), name, inputs, outputs, node.attributes());
  }

  /**
   * The name under which {@code tensor} can be read in the region; adds what is needed to make it
   * so.
   */
  private String resolve(Region region, String tensor) {
    if (tensor.isEmpty() || graph.initializers().containsKey(tensor)) {
      return tensor;
    }
    if (flow.tensors().contains(tensor)) {
      if (!region.local.contains(tensor)) {
        throw Refusal.of(
            "hidden flow: tensor "
                + tensor
                + " is read across boundary "
                + region.base
                + " (expected: all of the flow"
                + " passes the boundary)");
      }
      return tensor;
    }
    String known = region.names.get(tensor);
    if (known == null) {
      known = make(region, tensor);
      region.names.put(tensor, known);
    }
    return known;
  }

  private String make(Region region, String tensor) {
    if (!region.isPrologue() && rule.isHandedOver(tensor)) {
      return handedOver(tensor);
    }
    Node producer = producers.get(tensor);
    if (producer == null) {
      return tensor;
    }
    if (HiddenFlow.isShapeOp(producer)) {
      String measured = producer.inputs().get(0);
      boolean here = region.local.contains(measured);
      boolean computable = region.isPrologue() && !flow.tensors().contains(measured);
      if (!here && !computable) {
        return sizes.of(region, producer);
      }
    }
    List<String> outputs = producer.outputs().stream().map(region::nameOf).toList();
    nodes.add(withInputs(region, producer, region.nameOf(producer.name()), outputs));
    producer.writes().forEach(output -> region.names.put(output, region.nameOf(output)));
    return region.nameOf(tensor);
  }

  private String handedOver(String tensor) {
    String known = context.get(tensor);
    if (known != null) {
      return known;
    }
    String name = resolve(prologue, tensor);
    if (producers.get(tensor) == null || !name.equals(tensor)) {
      nodes.add(
          Node.of(
              "Identity",
              List.of(name),
              List.of(tensor + "@context"),
              Map.<String, Attribute>of()));
      name = tensor + "@context";
    }
    context.put(tensor, name);
    return name;
  }
}
