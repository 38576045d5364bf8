package io.sluice.trainer.autodiff;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.trainer.autodiff.vjp.TensorFact;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Joins what is added with what follows it into one operator of the device: a bias with the sum it
 * goes into and the norm of that, or with Gelu, forward and backward; a mask with Softmax. To be
 * applied last, when the backward pass is in the graph and written in {@link
 * io.sluice.trainer.autodiff.vjp.Operators#DEVICE}: it replaces nodes by others of the same
 * results, values changed by rounding.
 */
public final class DeviceFusion {
  private final Graph graph;
  private final TensorFacts facts;
  private final Map<String, Node> producers;
  private final Map<String, List<Node>> consumers;
  private final Set<String> outputs = new HashSet<>();
  private final Map<Node, Node> written = new HashMap<>();
  private final Set<Node> gone = new HashSet<>();
  private final Map<String, TensorData> constants = new HashMap<>();

  /** x + b, b of one axis, the last of x. */
  private record Biased(Node node, String x, String bias) {}

  private DeviceFusion(Graph graph, TensorFacts facts) {
    this.graph = graph;
    this.facts = facts;
    this.producers = graph.producers();
    this.consumers = graph.consumers();
    graph.outputs().forEach(output -> outputs.add(output.name()));
  }

  /**
   * The graph with what can be joined.
   *
   * @param facts of its forward part; nothing else is touched
   */
  public static Graph apply(Graph graph, TensorFacts facts) {
    return new DeviceFusion(requireNonNull(graph, "graph"), facts).apply();
  }

  private Graph apply() {
    for (Node node : graph.nodes()) {
      if (node.is("Add")) {
        sum(node);
      } else if (node.domain().equals(Node.MICROSOFT) && node.op().equals("Gelu")) {
        gelu(node);
      } else if (node.is("LayerNormalization")) {
        norm(node);
      } else if (node.is("Softmax")) {
        softmax(node);
      }
    }
    Map<String, Long> opsets = new HashMap<>(graph.opsets());
    if (!written.isEmpty()) {
      opsets.putIfAbsent(Node.SLUICE, 1L);
      opsets.putIfAbsent(Node.MICROSOFT, 1L);
    }
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (!gone.contains(node)) {
        nodes.add(written.getOrDefault(node, node));
      }
    }
    Map<String, TensorData> initializers = new HashMap<>(graph.initializers());
    initializers.putAll(constants);
    return new Graph(graph.name(), opsets, graph.inputs(), graph.outputs(), nodes, initializers);
  }

  /** (x + b) + r. */
  private void sum(Node node) {
    for (int i = 0; i < 2; i++) {
      Biased biased = biased(node.inputs().get(i));
      String other = node.inputs().get(1 - i);
      if (biased != null
          && readers(biased).size() == 1
          && !other.equals(node.inputs().get(i))
          && alike(other, biased.x)) {
        gone.add(biased.node);
        written.put(node, own("AddBias", node, biased.x, other, biased.bias));
        return;
      }
    }
  }

  /**
   * The norm of (x + b) + r, and its statistics; the sum, which the gradient reads, comes with it.
   */
  private void norm(Node node) {
    String x = node.inputs().get(0);
    Node sum = producers.get(x);
    Node joined = sum == null ? null : written.get(sum);
    if (joined == null
        || !joined.op().equals("AddBias")
        || outputs.contains(x)
        || node.inputs().size() != 3
        || node.writes().size() != 3
        || !isLast(node, x)
        || !node.inputs().subList(1, 3).stream().allMatch(this::isThereFromTheStart)) {
      return;
    }
    List<String> inputs = new ArrayList<>(joined.inputs());
    inputs.addAll(node.inputs().subList(1, 3));
    inputs.add(epsilon(node.floatAttribute("epsilon", 1e-5f)));
    List<String> made = new ArrayList<>(node.outputs());
    made.add(x);
    gone.add(node);
    written.put(
        sum, new Node(Node.SLUICE, "AddBiasLayerNorm", node.name(), inputs, made, Map.of()));
  }

  private boolean isLast(Node node, String x) {
    return facts.knows(x)
        && facts.of(x).axis(node.intAttribute("axis", -1)) == facts.of(x).rank() - 1;
  }

  private boolean isThereFromTheStart(String tensor) {
    return graph.initializers().containsKey(tensor);
  }

  private String epsilon(float value) {
    String name = "sluice epsilon " + value;
    constants.put(name, TensorData.floats(new float[] {value}, 1));
    return name;
  }

  /** Softmax(x + m), m the same for all of a row of the batch but its last axis. */
  private void softmax(Node node) {
    String sum = node.inputs().get(0);
    Node add = producers.get(sum);
    if (add == null
        || !add.is("Add")
        || written.containsKey(add)
        || outputs.contains(sum)
        || consumers.getOrDefault(sum, List.of()).size() != 1
        || !isLast(node, sum)) {
      return;
    }
    for (int i = 0; i < 2; i++) {
      String mask = add.inputs().get(i);
      String x = add.inputs().get(1 - i);
      if (alike(sum, x) && isMask(mask, x)) {
        gone.add(add);
        written.put(node, own("MaskedSoftmax", node, x, mask));
        return;
      }
    }
  }

  private boolean isMask(String mask, String of) {
    if (!facts.knows(mask) || facts.of(mask).rank() != facts.of(of).rank()) {
      return false;
    }
    TensorFact fact = facts.of(mask);
    TensorFact whole = facts.of(of);
    int last = whole.rank() - 1;
    for (int axis = 1; axis < last; axis++) {
      if (!fact.dim(axis).isOne()) {
        return false;
      }
    }
    return last > 0
        && fact.type() == DataType.FLOAT
        && whole.type() == DataType.FLOAT
        && fact.dim(0).equals(whole.dim(0))
        && fact.dim(last).equals(whole.dim(last));
  }

  /** Gelu(x + b), and the gradients that read the sum. */
  private void gelu(Node node) {
    String u = node.inputs().get(0);
    Biased biased = biased(u);
    if (biased == null) {
      return;
    }
    List<Node> gradients = new ArrayList<>(readers(biased));
    gradients.remove(node);
    if (!gradients.stream().allMatch(reader -> isGradient(reader, u))) {
      return;
    }
    gone.add(biased.node);
    written.put(
        node,
        new Node(
            Node.MICROSOFT,
            "BiasGelu",
            node.name(),
            List.of(biased.x, biased.bias),
            node.outputs(),
            Map.of()));
    for (Node gradient : gradients) {
      written.put(
          gradient,
          own("BiasGeluGradient", gradient, gradient.inputs().get(0), biased.x, biased.bias));
    }
  }

  private static boolean isGradient(Node reader, String u) {
    return reader.domain().equals(Node.SLUICE)
        && reader.op().equals("GeluGradient")
        && reader.inputs().get(1).equals(u)
        && !reader.inputs().get(0).equals(u);
  }

  private static Node own(String op, Node node, String... inputs) {
    return new Node(Node.SLUICE, op, node.name(), List.of(inputs), node.outputs(), Map.of());
  }

  /** The sum of a tensor and a bias that makes this tensor, if nothing has been done with it. */
  private @Nullable Biased biased(String tensor) {
    Node node = producers.get(tensor);
    if (node == null || !node.is("Add") || written.containsKey(node) || outputs.contains(tensor)) {
      return null;
    }
    for (int i = 0; i < 2; i++) {
      String bias = node.inputs().get(i);
      String x = node.inputs().get(1 - i);
      if (isBias(bias, x) && alike(tensor, x)) {
        return new Biased(node, x, bias);
      }
    }
    return null;
  }

  private boolean isBias(String bias, String of) {
    if (!facts.knows(bias) || !facts.knows(of)) {
      return false;
    }
    TensorFact fact = facts.of(bias);
    TensorFact whole = facts.of(of);
    return fact.rank() == 1
        && whole.rank() > 1
        && fact.dim(0).isKnown()
        && fact.dim(0).equals(whole.dim(whole.rank() - 1));
  }

  private boolean alike(String a, String b) {
    return facts.knows(a) && facts.knows(b) && facts.of(a).equals(facts.of(b));
  }

  private List<Node> readers(Biased biased) {
    return consumers.getOrDefault(biased.node.outputs().get(0), List.of());
  }
}
