package io.sluice.trainer.model;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes the flat array of a training graph apart, and puts that of the gradients together, by one
 * operator of the device each. {@link FlatPieces} needs a reshape for each piece, and on CUDA Split
 * and Concat wait for a table that is made on the processor.
 *
 * <p>ONNX Runtime starts operators in the order in which it finds them from the outputs, those that
 * come last in the graph first. So the gradients of the highest weights are put last: they are
 * started on the way down then, while the device has enough to do, and not all at the end.
 */
final class DevicePieces {
  private final Graph graph;
  private final Map<String, Node> producers;
  private final Map<String, List<Node>> consumers;

  private DevicePieces(Graph graph) {
    this.graph = graph;
    this.producers = graph.producers();
    this.consumers = graph.consumers();
  }

  /**
   * The graph with these operators.
   *
   * @param leaves the pieces of {@link Tensors#PARAMETERS}
   * @param shapes of the pieces
   * @param gradients the pieces of {@link Tensors#GRADIENTS}
   */
  static Graph apply(
      Graph graph, List<String> leaves, List<long[]> shapes, List<String> gradients) {
    return new DevicePieces(graph).with(leaves, shapes, gradients);
  }

  private Graph with(List<String> leaves, List<long[]> shapes, List<String> gradients) {
    Set<Node> apart = between(leaves, Set.of(Tensors.PARAMETERS));
    Set<Node> together = between(List.of(Tensors.GRADIENTS), Set.copyOf(gradients));
    Set<Node> late = new LinkedHashSet<>();
    for (String gradient : gradients) {
      Node maker = producers.get(gradient);
      if (maker != null && together.containsAll(consumers.getOrDefault(gradient, List.of()))) {
        late.add(maker);
      }
    }
    Set<Node> last = lossNodes();
    List<Node> order = new ArrayList<>();
    Deque<Node> turned = new ArrayDeque<>();
    String table = "shapes of " + Tensors.PARAMETERS;
    order.add(
        new Node(
            Node.SLUICE,
            "SplitPieces",
            Tensors.PARAMETERS,
            List.of(Tensors.PARAMETERS, table),
            leaves,
            Map.of()));
    for (Node node : graph.nodes()) {
      if (late.contains(node)) {
        turned.push(node);
      } else if (!apart.contains(node) && !together.contains(node) && !last.contains(node)) {
        order.add(node);
      }
    }
    order.addAll(turned);
    order.add(
        new Node(
            Node.SLUICE,
            "JoinPieces",
            Tensors.GRADIENTS,
            gradients,
            List.of(Tensors.GRADIENTS),
            Map.of()));
    graph.nodes().stream().filter(last::contains).forEach(order::add);
    return withTable(order, table, shapes);
  }

  private Graph withTable(List<Node> nodes, String table, List<long[]> shapes) {
    Set<String> read = new HashSet<>();
    nodes.forEach(node -> read.addAll(node.reads()));
    graph.outputs().forEach(output -> read.add(output.name()));
    Map<String, TensorData> initializers = new HashMap<>(graph.initializers());
    initializers.keySet().retainAll(read);
    initializers.put(table, table(shapes));
    Map<String, Long> opsets = new HashMap<>(graph.opsets());
    opsets.putIfAbsent(Node.SLUICE, 1L);
    return new Graph(graph.name(), opsets, graph.inputs(), graph.outputs(), nodes, initializers);
  }

  /** Ranks and axes one after the other; as floats, which operators of the device take only. */
  private static TensorData table(List<long[]> shapes) {
    List<Float> numbers = new ArrayList<>();
    for (long[] shape : shapes) {
      numbers.add((float) shape.length);
      for (long axis : shape) {
        numbers.add((float) axis);
      }
    }
    float[] values = new float[numbers.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = numbers.get(i);
    }
    return TensorData.floats(values, values.length);
  }

  /** What makes tensors of others, and nothing else. */
  private Set<Node> between(List<String> made, Set<String> of) {
    Set<Node> found = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(made);
    while (!open.isEmpty()) {
      String tensor = open.pop();
      Node maker = of.contains(tensor) ? null : producers.get(tensor);
      if (maker != null && found.add(maker)) {
        open.addAll(maker.reads());
      }
    }
    return found;
  }

  /** What only the loss is for, at its end: it is waited for, so it comes before the gradients. */
  private Set<Node> lossNodes() {
    Set<Node> found = new HashSet<>();
    @Nullable Node node = producers.get(Tensors.LOSS);
    while (node != null && node.inputs().size() == 1 && isRead(node)) {
      found.add(node);
      node = producers.get(node.inputs().get(0));
    }
    return found;
  }

  private boolean isRead(Node node) {
    String made = node.outputs().get(0);
    return made.equals(Tensors.LOSS) || consumers.getOrDefault(made, List.of()).size() == 1;
  }
}
