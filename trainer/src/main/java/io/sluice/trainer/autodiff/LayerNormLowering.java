package io.sluice.trainer.autodiff;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes each LayerNormalization over the last axis as the simple operators it stands for, under
 * the same names: mean, d = x - mean, inv = 1 / sqrt(mean(d^2) + epsilon), y = w d inv + b.
 *
 * <p>ONNX Runtime's CPU kernel with all three outputs takes several times as long as those
 * operators together, and d inv, which the derivative needs as well, is then computed once. To be
 * applied last, when the backward pass is in the graph: its rule for the fused operator is the
 * shorter one. For float32 graphs; values change by rounding.
 */
public final class LayerNormLowering {
  private final Subject subject;
  private final long opset;
  private final Map<String, TensorData> weights;
  private final Map<Float, String> epsilons = new HashMap<>();
  private @Nullable String lastAxis;

  private LayerNormLowering(Graph graph) {
    subject = new Subject(graph);
    opset = graph.opset();
    weights = new HashMap<>(graph.initializers());
  }

  /** The graph without the fused operator. */
  public static Graph apply(Graph graph) {
    requireNonNull(graph, "graph");
    LayerNormLowering lowering = new LayerNormLowering(graph);
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node.is("LayerNormalization") && node.intAttribute("axis", -1) == -1) {
        lowering.write(node, nodes);
      } else {
        nodes.add(node);
      }
    }
    return new Graph(
        graph.name(), graph.opsets(), graph.inputs(), graph.outputs(), nodes, lowering.weights);
  }

  private void write(Node norm, List<Node> nodes) {
    String x = norm.inputs().get(0);
    String y = norm.outputs().get(0);
    String mean = output(norm, 1, y + "_mean");
    String inverse = output(norm, 2, y + "_inverse");
    String centred = subject.fresh(y + "_centred");
    nodes.add(mean(x, mean));
    nodes.add(Node.of("Sub", List.of(x, mean), List.of(centred), Map.of()));
    String square = then("Mul", nodes, y, centred, centred);
    String variance = subject.fresh(y + "_variance");
    nodes.add(mean(square, variance));
    String raised = then("Add", nodes, y, variance, epsilon(norm.floatAttribute("epsilon", 1e-5f)));
    String deviation = then("Sqrt", nodes, y, raised);
    nodes.add(Node.of("Reciprocal", List.of(deviation), List.of(inverse), Map.of()));
    String normal = then("Mul", nodes, y, centred, inverse);
    String bias = norm.input(2);
    String scaled = bias == null ? y : subject.fresh(y + "_scaled");
    nodes.add(Node.of("Mul", List.of(normal, norm.inputs().get(1)), List.of(scaled), Map.of()));
    if (bias != null) {
      nodes.add(Node.of("Add", List.of(scaled, bias), List.of(y), Map.of()));
    }
  }

  private String then(String op, List<Node> nodes, String hint, String... inputs) {
    String made = subject.fresh(hint + "_" + op);
    nodes.add(Node.of(op, List.of(inputs), List.of(made), Map.of()));
    return made;
  }

  private String output(Node norm, int index, String hint) {
    String there = norm.output(index);
    return there == null ? subject.fresh(hint) : there;
  }

  /** The axes are an attribute before opset 18, an input after. */
  private Node mean(String x, String made) {
    if (opset < 18) {
      return Node.of("ReduceMean", List.of(x), List.of(made), Map.of("axes", Attribute.ints(-1)));
    }
    String axis = lastAxis;
    if (axis == null) {
      axis = subject.fresh("last_axis");
      weights.put(axis, TensorData.longs(new long[] {-1}, 1));
      lastAxis = axis;
    }
    return Node.of("ReduceMean", List.of(x, axis), List.of(made), Map.of());
  }

  private String epsilon(float value) {
    return epsilons.computeIfAbsent(
        value,
        key -> {
          String name = subject.fresh("epsilon");
          weights.put(name, TensorData.scalar(value));
          return name;
        });
  }
}
