package io.sluice.trainer.autodiff;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.Body;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The element type of every tensor of a graph, told from the operators alone: most pass on the type
 * of their first input, the rest are listed here.
 */
final class ElementTypes {

  private static final Set<String> BOOLEAN =
      Set.of(
          "And",
          "Equal",
          "Greater",
          "GreaterOrEqual",
          "IsInf",
          "IsNaN",
          "Less",
          "LessOrEqual",
          "Not",
          "Or",
          "Xor");
  private static final Set<String> LONG = Set.of("ArgMax", "ArgMin", "NonZero", "Shape", "Size");

  private ElementTypes() {}

  /** Type by tensor name. */
  static Map<String, DataType> of(Graph graph) {
    Map<String, DataType> types = new HashMap<>();
    for (Value input : graph.inputs()) {
      types.put(input.name(), input.type());
    }
    graph.initializers().forEach((name, data) -> types.put(name, data.type()));
    add(graph.nodes(), types);
    return types;
  }

  private static void add(List<Node> nodes, Map<String, DataType> types) {
    for (Node node : nodes) {
      for (int i = 0; i < node.outputs().size(); i++) {
        String output = node.output(i);
        if (output != null) {
          types.put(output, output(node, i, types));
        }
      }
    }
  }

  private static DataType output(Node node, int index, Map<String, DataType> types) {
    String op = node.op();
    if (BOOLEAN.contains(op) || (op.equals("Dropout") && index == 1)) {
      return DataType.BOOL;
    }
    if (LONG.contains(op) || (op.equals("TopK") && index == 1)) {
      return DataType.INT64;
    }
    return switch (op) {
      case "Cast" -> DataType.ofOnnxCode(Math.toIntExact(node.intAttribute("to", 0)));
      case "Constant" -> constant(node);
      case "ConstantOfShape" -> fill(node);
      case "Where" -> input(node, 1, types);
      case "OneHot", "DequantizeLinear" -> input(node, op.equals("OneHot") ? 2 : 1, types);
      case "DynamicQuantizeLinear" -> index == 1 ? DataType.FLOAT : DataType.UINT8;
      case "QuantizeLinear" -> node.input(2) == null ? DataType.UINT8 : input(node, 2, types);
      case "LayerNormalization" -> index == 0 ? input(node, 0, types) : DataType.FLOAT;
      case "MatMulInteger", "ConvInteger" -> DataType.INT32;
      case "MatMulIntegerToFloat", "RandomNormal", "RandomUniform" -> DataType.FLOAT;
      case "If" -> branch(node, index, types);
      default -> input(node, 0, types);
    };
  }

  private static DataType input(Node node, int index, Map<String, DataType> types) {
    String input = node.input(index);
    DataType type = input == null ? null : types.get(input);
    return type == null ? DataType.FLOAT : type;
  }

  private static DataType constant(Node node) {
    TensorData value = node.tensorAttribute("value");
    if (value != null) {
      return value.type();
    }
    return node.attribute("value_int") != null || node.attribute("value_ints") != null
        ? DataType.INT64
        : DataType.FLOAT;
  }

  private static DataType fill(Node node) {
    TensorData value = node.tensorAttribute("value");
    return value == null ? DataType.FLOAT : value.type();
  }

  private static DataType branch(Node node, int index, Map<String, DataType> types) {
    @Nullable Attribute then = node.attribute("then_branch");
    if (then instanceof Attribute.OfGraph graph) {
      Body body = graph.value();
      Map<String, DataType> inner = new HashMap<>(types);
      body.initializers().forEach((name, data) -> inner.put(name, data.type()));
      add(body.nodes(), inner);
      DataType type = inner.get(body.outputs().get(index));
      return type == null ? DataType.FLOAT : type;
    }
    return DataType.FLOAT;
  }
}
