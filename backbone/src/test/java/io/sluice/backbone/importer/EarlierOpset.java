package io.sluice.backbone.importer;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A model of opset 17 written as an exporter of 2020 would have: at opset 12. */
final class EarlierOpset {
  private static final Set<String> AXES = Set.of("Unsqueeze", "Squeeze");

  private final Map<String, TensorData> constants = new HashMap<>();
  private final GraphBuilder builder = new GraphBuilder("earlier", 12);

  private EarlierOpset() {}

  static Graph of(Graph graph) {
    EarlierOpset earlier = new EarlierOpset();
    graph.inputs().forEach(earlier.builder::input);
    graph.initializers().forEach(earlier::weight);
    graph.nodes().forEach(earlier::add);
    graph.outputs().forEach(earlier.builder::output);
    return earlier.builder.build();
  }

  private void weight(String name, TensorData data) {
    constants.put(name, data);
    builder.initializer(name, data);
  }

  private void add(Node node) {
    TensorData value = node.is("Constant") ? node.tensorAttribute("value") : null;
    if (value != null) {
      constants.put(node.outputs().get(0), value);
    }
    if (AXES.contains(node.op()) && node.input(1) != null) {
      builder.add(withAttribute(node, "axes", Attribute.ints(constant(node, 1).toLongs()), 1));
    } else if (node.is("Split") && node.input(1) != null) {
      builder.add(withAttribute(node, "split", Attribute.ints(constant(node, 1).toLongs()), 1));
    } else if (node.is("Softmax")) {
      builder.add(withAttribute(node, "axis", Attribute.of(3), 1));
    } else if (node.is("LayerNormalization")) {
      layerNormalization(node);
    } else if (node.is("Reshape") && node.intAttribute("allowzero", 0) == 0) {
      builder.add(Node.of("Reshape", node.inputs(), node.outputs(), Map.of()));
    } else {
      builder.add(node);
    }
  }

  private TensorData constant(Node node, int index) {
    TensorData data = constants.get(node.inputs().get(index));
    if (data == null) {
      throw new IllegalStateException(node.describe() + ": not constant");
    }
    return data;
  }

  private static Node withAttribute(Node node, String name, Attribute value, int inputs) {
    Map<String, Attribute> attributes = new TreeMap<>(node.attributes());
    attributes.put(name, value);
    return new Node(
        "", node.op(), node.name(), node.inputs().subList(0, inputs), node.outputs(), attributes);
  }

  private void layerNormalization(Node node) {
    Map<String, Attribute> last = Map.of("axes", Attribute.ints(-1));
    String x = node.inputs().get(0);
    String centred = builder.node("Sub", x, builder.node("ReduceMean", List.of(x), last));
    String variance =
        builder.node("ReduceMean", List.of(builder.node("Mul", centred, centred)), last);
    float epsilon = node.floatAttribute("epsilon", 1e-5f);
    String deviation =
        builder.node("Sqrt", builder.node("Add", variance, builder.constant(epsilon)));
    String scaled =
        builder.node("Mul", builder.node("Div", centred, deviation), node.inputs().get(1));
    String bias = node.input(2);
    String result = bias == null ? scaled : builder.node("Add", scaled, bias);
    builder.identity(result, node.outputs().get(0));
  }
}
