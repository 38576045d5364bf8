package io.sluice.backbone.graph;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The element types of all tensors of a graph, told from its inputs, weights and operators. */
public final class TensorTypes {
  private static final Set<String> BOOLEAN_OPS =
      Set.of(
          "Equal",
          "Less",
          "LessOrEqual",
          "Greater",
          "GreaterOrEqual",
          "And",
          "Or",
          "Xor",
          "Not",
          "IsNaN",
          "IsInf");
  private static final Set<String> INTEGER_OPS =
      Set.of("Shape", "Size", "ArgMax", "ArgMin", "NonZero");
  private static final Set<String> FLOAT_OPS =
      Set.of("DynamicQuantizeMatMul", "MatMulIntegerToFloat", "DynamicQuantizeLSTM");

  private TensorTypes() {}

  /**
   * The type of every tensor outside of bodies.
   *
   * @throws SluiceException INVALID_ARGUMENT naming an operator that does not tell
   */
  public static Map<String, DataType> of(Graph graph) {
    Map<String, DataType> types = new HashMap<>();
    graph.inputs().forEach(input -> types.put(input.name(), input.type()));
    graph.initializers().forEach((name, data) -> types.put(name, data.type()));
    addNodes(graph.nodes(), types);
    return types;
  }

  private static void addNodes(List<Node> nodes, Map<String, DataType> types) {
    for (Node node : nodes) {
      for (int i = 0; i < node.outputs().size(); i++) {
        if (!node.outputs().get(i).isEmpty()) {
          types.put(node.outputs().get(i), type(node, i, types));
        }
      }
    }
  }

  private static DataType type(Node node, int output, Map<String, DataType> types) {
    String op = node.op();
    if (BOOLEAN_OPS.contains(op) || (op.equals("Dropout") && output == 1)) {
      return DataType.BOOL;
    }
    if (INTEGER_OPS.contains(op) || (output > 0 && (op.equals("TopK") || op.equals("Unique")))) {
      return DataType.INT64;
    }
    if (FLOAT_OPS.contains(op) || (output > 0 && op.equals("LayerNormalization"))) {
      return DataType.FLOAT;
    }
    return switch (op) {
      case "Cast" -> DataType.ofOnnxCode(Math.toIntExact(node.intAttribute("to", 0)));
      case "If" -> ofBody(node, node.bodies().get(0), output, types);
      case "CastLike", "DequantizeLinear", "Where" -> ofInput(node, 1, types);
      case "OneHot" -> ofInput(node, 2, types);
      case "Constant" -> ofConstant(node);
      case "ConstantOfShape" -> {
        TensorData value = node.tensorAttribute("value");
        yield value == null ? DataType.FLOAT : value.type();
      }
      case "QuantizeLinear" -> node.input(2) == null ? DataType.UINT8 : ofInput(node, 2, types);
      case "DynamicQuantizeLinear" -> output == 1 ? DataType.FLOAT : DataType.UINT8;
      case "MatMulInteger", "ConvInteger" -> DataType.INT32;
      default -> ofInput(node, 0, types);
    };
  }

  private static DataType ofBody(Node node, Body body, int output, Map<String, DataType> types) {
    Map<String, DataType> inner = new HashMap<>(types);
    body.initializers().forEach((name, data) -> inner.put(name, data.type()));
    addNodes(body.nodes(), inner);
    DataType type = inner.get(body.outputs().get(output));
    if (type == null) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          node.describe() + ": element type cannot be told (expected: a typed branch)");
    }
    return type;
  }

  private static DataType ofConstant(Node node) {
    Attribute value = node.attribute("value");
    if (value instanceof Attribute.OfTensor tensor) {
      return tensor.value().type();
    }
    boolean integer = node.attribute("value_int") != null || node.attribute("value_ints") != null;
    return integer ? DataType.INT64 : DataType.FLOAT;
  }

  private static DataType ofInput(Node node, int index, Map<String, DataType> types) {
    String input = node.input(index);
    DataType type = input == null ? null : types.get(input);
    if (type == null) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          node.describe()
              + ": element type cannot be told (expected: an operator with typed inputs)");
    }
    return type;
  }
}
