package io.sluice.backbone.graph;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The same computation written for a later version of {@code ai.onnx}; from version 11 on.
 *
 * <p>Rewrites the operators whose form changed: axes and splits that became inputs (13 and 18),
 * Softmax and its like that stopped flattening (13), Dropout's ratio (12), RoiAlign's default (16),
 * Split's number of outputs (18). Everything else only took more types or new optional things.
 * Names of tensors that were there stay. Confined to one call.
 */
public final class OpsetUpgrade {
  private static final long OLDEST = 11;
  private static final Set<String> FLATTENING = Set.of("Softmax", "LogSoftmax", "Hardmax");
  private static final Set<String> AXES_INPUT_SINCE_13 =
      Set.of("Squeeze", "Unsqueeze", "ReduceSum");
  private static final Set<String> AXES_INPUT_SINCE_18 =
      Set.of(
          "ReduceL1",
          "ReduceL2",
          "ReduceLogSum",
          "ReduceLogSumExp",
          "ReduceMax",
          "ReduceMean",
          "ReduceMin",
          "ReduceProd",
          "ReduceSumSquare");

  /** Changed after 18 in ways that are not rewritten here. */
  private static final Map<String, Long> NOT_REWRITTEN =
      Map.of("GroupNormalization", 21L, "DFT", 20L, "GridSample", 20L, "BatchNormalization", 14L);

  private final long from;
  private final long to;
  private final Map<String, Integer> ranks;
  private final FreshNames names = new FreshNames();

  private OpsetUpgrade(long from, long to, Map<String, Integer> ranks) {
    this.from = from;
    this.to = to;
    this.ranks = ranks;
  }

  /** As below, with no rank known. */
  public static Graph raise(Graph graph, long version) {
    return raise(graph, version, Map.of());
  }

  /**
   * The graph at {@code version}, or the graph itself if it is there already or uses no {@code
   * ai.onnx}.
   *
   * @param ranks number of axes of tensors, as far as known: a Softmax before version 13 over the
   *     last axis then stays one node
   * @throws SluiceException {@code FAILED_PRECONDITION} for versions before 11, for lowering, and
   *     for the few operators that changed and are not rewritten
   */
  public static Graph raise(Graph graph, long version, Map<String, Integer> ranks) {
    long from = graph.opsets().getOrDefault("", version);
    if (from == version) {
      return graph;
    }
    if (from < OLDEST || from > version) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "graph "
              + graph.name()
              + ": opset: "
              + from
              + " (expected: "
              + OLDEST
              + ".."
              + version
              + ")");
    }
    OpsetUpgrade upgrade = new OpsetUpgrade(from, version, ranks);
    graph.inputs().forEach(input -> upgrade.names.reserve(input.name()));
    graph.initializers().keySet().forEach(upgrade.names::reserve);
    upgrade.reserve(graph.nodes());
    Map<String, Long> opsets = new TreeMap<>(graph.opsets());
    opsets.put("", version);
    return new Graph(
        graph.name(),
        opsets,
        graph.inputs(),
        graph.outputs(),
        upgrade.nodes(graph.nodes()),
        graph.initializers());
  }

  private void reserve(List<Node> nodes) {
    for (Node node : nodes) {
      node.writes().forEach(names::reserve);
      for (Body body : node.bodies()) {
        body.inputs().forEach(input -> names.reserve(input.name()));
        body.initializers().keySet().forEach(names::reserve);
        reserve(body.nodes());
      }
    }
  }

  private List<Node> nodes(List<Node> nodes) {
    List<Node> raised = new ArrayList<>(nodes.size());
    nodes.forEach(node -> raise(withRaisedBodies(node), raised));
    return raised;
  }

  private Node withRaisedBodies(Node node) {
    if (node.bodies().isEmpty()) {
      return node;
    }
    Map<String, Attribute> attributes = new TreeMap<>(node.attributes());
    attributes.replaceAll(
        (name, value) -> value instanceof Attribute.OfGraph graph ? raised(graph.value()) : value);
    return with(node, node.inputs(), attributes);
  }

  private Attribute raised(Body body) {
    return new Attribute.OfGraph(
        new Body(
            body.name(), body.inputs(), body.outputs(), nodes(body.nodes()), body.initializers()));
  }

  private void raise(Node node, List<Node> out) {
    if (!node.domain().isEmpty()) {
      out.add(node);
    } else if (crosses(13) && FLATTENING.contains(node.op())) {
      softmax(node, out);
    } else if (axesBecomeInput(node.op())) {
      out.add(attributeToInput(node, "axes", out));
    } else if (node.is("Split")) {
      split(node, out);
    } else if (crosses(12) && node.is("Dropout")) {
      Map<String, Attribute> attributes = new TreeMap<>(node.attributes());
      attributes.remove("ratio");
      out.add(with(node, node.inputs(), attributes));
    } else if (crosses(16) && node.is("RoiAlign")) {
      out.add(
          withAttribute(node, "coordinate_transformation_mode", Attribute.of("output_half_pixel")));
    } else {
      out.add(unchanged(node));
    }
  }

  private boolean axesBecomeInput(String op) {
    return (crosses(13) && AXES_INPUT_SINCE_13.contains(op))
        || (crosses(18) && AXES_INPUT_SINCE_18.contains(op));
  }

  /** Before 13: the axes from {@code axis} on, by default from 1 on, taken together. */
  private void softmax(Node node, List<Node> out) {
    String x = node.inputs().get(0);
    long axis = node.intAttribute("axis", 1);
    Integer rank = ranks.get(x);
    if (axis == -1 || (rank != null && axis == rank - 1)) {
      out.add(withAttribute(node, "axis", Attribute.of(-1)));
      return;
    }
    String shape = names.fresh(x + "_shape");
    String flat = names.fresh(x + "_flat");
    String result = names.fresh(node.outputs().get(0) + "_flat");
    out.add(Node.of("Shape", List.of(x), List.of(shape), Map.of()));
    out.add(Node.of("Flatten", List.of(x), List.of(flat), Map.of("axis", Attribute.of(axis))));
    out.add(Node.of(node.op(), List.of(flat), List.of(result), Map.of("axis", Attribute.of(-1))));
    out.add(Node.of("Reshape", List.of(result, shape), node.outputs(), Map.of()));
  }

  private void split(Node node, List<Node> out) {
    Node split = crosses(13) ? attributeToInput(node, "split", out) : node;
    boolean equalParts = split.input(1) == null;
    out.add(
        crosses(18) && equalParts
            ? withAttribute(split, "num_outputs", Attribute.of(node.outputs().size()))
            : split);
  }

  /** The node with a list attribute as its second input, made by a Constant before it. */
  private Node attributeToInput(Node node, String attribute, List<Node> out) {
    if (node.attribute(attribute) == null) {
      return node;
    }
    long[] values =
        node.intsAttribute(attribute, List.of()).stream().mapToLong(Long::longValue).toArray();
    String constant = names.fresh(node.outputs().get(0) + "_" + attribute);
    TensorData data = TensorData.longs(values, values.length);
    out.add(Node.of("Constant", List.of(), List.of(constant), Map.of("value", Attribute.of(data))));
    Map<String, Attribute> attributes = new TreeMap<>(node.attributes());
    attributes.remove(attribute);
    return with(node, List.of(node.inputs().get(0), constant), attributes);
  }

  private Node unchanged(Node node) {
    Long changed = NOT_REWRITTEN.get(node.op());
    boolean onlyMoreOutputs = node.op().equals("BatchNormalization") && node.writes().size() == 1;
    if (changed != null && crosses(changed) && !onlyMoreOutputs) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          node.describe()
              + ": opset: "
              + from
              + " (expected: "
              + changed
              + " or later, where it means another thing)");
    }
    return node;
  }

  private boolean crosses(long version) {
    return from < version && version <= to;
  }

  private static Node withAttribute(Node node, String name, Attribute value) {
    Map<String, Attribute> attributes = new TreeMap<>(node.attributes());
    attributes.put(name, value);
    return with(node, node.inputs(), attributes);
  }

  private static Node with(Node node, List<String> inputs, Map<String, Attribute> attributes) {
    return new Node(node.domain(), node.op(), node.name(), inputs, node.outputs(), attributes);
  }
}
