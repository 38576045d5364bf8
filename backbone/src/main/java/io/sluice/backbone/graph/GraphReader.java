package io.sluice.backbone.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Protobuf messages to records. Confined to one call. */
final class GraphReader {
  private final TensorReader tensors;

  GraphReader(@Nullable ExternalData external) {
    this.tensors = new TensorReader(external);
  }

  Graph model(ModelProto model) {
    if (!model.hasGraph() || model.getGraph().getOutputCount() == 0) {
      throw refused("graph: none or without outputs", "an ONNX model");
    }
    if (model.getFunctionsCount() > 0) {
      throw refused(
          "functions local to the model: " + model.getFunctionsCount(),
          "none; export with functions inlined");
    }
    Map<String, Long> opsets = new TreeMap<>();
    for (OperatorSetIdProto opset : model.getOpsetImportList()) {
      opsets.put(Node.canonicalDomain(opset.getDomain()), opset.getVersion());
    }
    GraphProto graph = model.getGraph();
    Map<String, TensorData> initializers = initializers(graph);
    return Graph.sorted(
        name(graph),
        opsets,
        inputs(graph, initializers),
        values(graph.getOutputList()),
        nodes(graph),
        initializers);
  }

  private Body body(GraphProto graph) {
    Map<String, TensorData> initializers = initializers(graph);
    return new Body(
        name(graph),
        inputs(graph, initializers),
        graph.getOutputList().stream().map(ValueInfoProto::getName).toList(),
        Scope.sort(graph.getName(), nodes(graph)),
        initializers);
  }

  /** A name is obligatory in the format, but not everybody writes one. */
  private static String name(GraphProto graph) {
    return graph.getName().isEmpty() ? "graph" : graph.getName();
  }

  private Map<String, TensorData> initializers(GraphProto graph) {
    if (graph.getSparseInitializerCount() > 0) {
      throw refused("sparse initializers: " + graph.getSparseInitializerCount(), "none");
    }
    Map<String, TensorData> initializers = new TreeMap<>();
    for (TensorProto tensor : graph.getInitializerList()) {
      if (tensor.getName().isEmpty()
          || initializers.put(tensor.getName(), tensors.read(tensor)) != null) {
        throw refused(
            "initializer '" + tensor.getName() + "': nameless or listed twice", "named once");
      }
    }
    return initializers;
  }

  /**
   * Old models list initializers as inputs too, so that a caller may override them; nothing here
   * does.
   */
  private static List<Value> inputs(GraphProto graph, Map<String, TensorData> initializers) {
    return values(
        graph.getInputList().stream()
            .filter(input -> !initializers.containsKey(input.getName()))
            .toList());
  }

  private static List<Value> values(List<ValueInfoProto> infos) {
    return infos.stream().map(GraphReader::value).toList();
  }

  private static Value value(ValueInfoProto info) {
    if (!info.getType().hasTensorType()) {
      throw refused(
          "value " + info.getName() + ": no tensor type", "a dense tensor of a declared type");
    }
    TypeProto.Tensor type = info.getType().getTensorType();
    List<Dim> dims = new ArrayList<>();
    if (!type.hasShape()) {
      dims.add(new Dim.Rest());
    }
    for (TensorShapeProto.Dimension dim : type.getShape().getDimList()) {
      dims.add(
          dim.hasDimValue() ? new Dim.Known(dim.getDimValue()) : new Dim.Symbol(dim.getDimParam()));
    }
    return new Value(info.getName(), DataType.ofOnnxCode(type.getElemType()), dims);
  }

  private List<Node> nodes(GraphProto graph) {
    List<Node> nodes = new ArrayList<>(graph.getNodeCount());
    for (NodeProto node : graph.getNodeList()) {
      Map<String, Attribute> attributes = new TreeMap<>();
      for (AttributeProto attribute : node.getAttributeList()) {
        attributes.put(attribute.getName(), attribute(node, attribute));
      }
      nodes.add(
          new Node(
              node.getDomain(),
              node.getOpType(),
              node.getName(),
              node.getInputList(),
              node.getOutputList(),
              attributes));
    }
    return nodes;
  }

  private Attribute attribute(NodeProto node, AttributeProto attribute) {
    return switch (attribute.getType()) {
      case INT -> new Attribute.OfInt(attribute.getI());
      case FLOAT -> new Attribute.OfFloat(attribute.getF());
      case STRING -> new Attribute.OfString(attribute.getS().toStringUtf8());
      case INTS -> new Attribute.OfInts(attribute.getIntsList());
      case FLOATS -> new Attribute.OfFloats(attribute.getFloatsList());
      case STRINGS ->
          new Attribute.OfStrings(
              attribute.getStringsList().stream().map(ByteString::toStringUtf8).toList());
      case TENSOR -> new Attribute.OfTensor(tensors.read(attribute.getT()));
      case GRAPH -> new Attribute.OfGraph(body(attribute.getG()));
      default ->
          throw refused(
              node.getOpType()
                  + " "
                  + node.getName()
                  + ": attribute "
                  + attribute.getName()
                  + ": "
                  + attribute.getType(),
              "a number, a string, a dense tensor, a graph or a list of the first two");
    };
  }

  static SluiceException refused(String found, String expected) {
    return new SluiceException(ErrorCode.INVALID_ARGUMENT, found + " (expected: " + expected + ")");
  }
}
