package io.sluice.trainer.autodiff;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A graph as patterns look at it: who makes a tensor, who reads it, which constants it has.
 * Immutable but for names.
 */
final class Subject {

  private final Graph graph;
  private final Map<String, Node> producers;
  private final Map<String, List<Node>> consumers;
  private final Map<String, TensorData> constants;
  private final Set<String> outputs = new HashSet<>();
  private final Set<String> taken = new HashSet<>();

  Subject(Graph graph) {
    this.graph = graph;
    this.producers = graph.producers();
    this.consumers = graph.consumers();
    this.constants = Constants.of(graph);
    graph.outputs().stream().map(Value::name).forEach(outputs::add);
    taken.addAll(producers.keySet());
    taken.addAll(graph.initializers().keySet());
    graph.inputs().forEach(input -> taken.add(input.name()));
  }

  long opset() {
    return graph.opset();
  }

  /** The maker of the node's input if it is this operator and nothing else reads what it makes. */
  @Nullable Node inner(Node reader, int input, String op) {
    String tensor = reader.input(input);
    Node producer = tensor == null ? null : producers.get(tensor);
    return producer != null && producer.is(op) && isPrivate(producer) ? producer : null;
  }

  /** The maker of a tensor if it is this operator. */
  @Nullable Node maker(@Nullable String tensor, String op) {
    Node producer = tensor == null ? null : producers.get(tensor);
    return producer != null && producer.is(op) ? producer : null;
  }

  /** Whether the node's only output has one reader and is not an output of the graph. */
  boolean isPrivate(Node node) {
    String made = node.outputs().get(0);
    return readers(made) == 1 && !outputs.contains(made);
  }

  int readers(String tensor) {
    int count = 0;
    for (Node reader : consumers.getOrDefault(tensor, List.of())) {
      count += Math.max(1, (int) reader.inputs().stream().filter(tensor::equals).count());
    }
    return count;
  }

  boolean isOutput(String tensor) {
    return outputs.contains(tensor);
  }

  /** The value of a FLOAT constant of one element, or NaN. */
  double scalar(@Nullable String tensor) {
    TensorData value = tensor == null ? null : constants.get(tensor);
    return value != null && value.type() == DataType.FLOAT && value.elements() == 1
        ? value.toFloats()[0]
        : Double.NaN;
  }

  /** The value of a constant, or null. */
  @Nullable TensorData constant(@Nullable String tensor) {
    return tensor == null ? null : constants.get(tensor);
  }

  /** Whether one of the node's two inputs is a constant close to the value. */
  boolean hasScalar(Node node, double value) {
    return close(scalar(node.input(0)), value) || close(scalar(node.input(1)), value);
  }

  /** The constant among the two inputs of a node, or NaN. */
  double scalarOf(Node node) {
    double left = scalar(node.input(0));
    return Double.isNaN(left) ? scalar(node.input(1)) : left;
  }

  /** The input of a node of two that is not a constant of one element, or null. */
  @Nullable String other(Node node) {
    if (Double.isNaN(scalar(node.input(0)))) {
      return Double.isNaN(scalar(node.input(1))) ? null : node.input(0);
    }
    return node.input(1);
  }

  /** A tensor name that is new in the graph. */
  String fresh(String hint) {
    String name = hint;
    for (int i = 1; !taken.add(name); i++) {
      name = hint + "_" + i;
    }
    return name;
  }

  static boolean close(double found, double expected) {
    return Math.abs(found - expected) <= 1e-5 * Math.max(1e-3, Math.abs(expected));
  }
}
