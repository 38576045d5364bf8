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
import com.google.protobuf.UnsafeByteOperations;
import java.util.List;
import java.util.Map;

/**
 * Records to protobuf messages; every map in the order of its keys, so that equal graphs give equal
 * bytes.
 */
final class GraphWriter {
  /** IR version for each {@code ai.onnx} version from which a file must state it: {opset, ir}. */
  private static final long[][] IR_VERSIONS = {
    {24, 12}, {23, 11}, {21, 10}, {19, 9}, {15, 8}, {12, 7}, {11, 6}, {10, 5}
  };

  private static final long OLDEST_IR_VERSION = 4;

  private GraphWriter() {}

  static ModelProto model(Graph graph) {
    ModelProto.Builder model =
        ModelProto.newBuilder().setIrVersion(irVersion(graph.opset())).setProducerName("sluice");
    graph
        .opsets()
        .forEach(
            (domain, version) ->
                model.addOpsetImport(
                    OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version)));
    return model
        .setGraph(
            graph(graph.name(), graph.inputs(), graph.nodes(), graph.initializers())
                .addAllOutput(graph.outputs().stream().map(GraphWriter::value).toList()))
        .build();
  }

  private static long irVersion(long opset) {
    for (long[] step : IR_VERSIONS) {
      if (opset >= step[0]) {
        return step[1];
      }
    }
    return OLDEST_IR_VERSION;
  }

  private static GraphProto.Builder graph(
      String name, List<Value> inputs, List<Node> nodes, Map<String, TensorData> initializers) {
    GraphProto.Builder graph = GraphProto.newBuilder().setName(name);
    inputs.forEach(input -> graph.addInput(value(input)));
    nodes.forEach(node -> graph.addNode(node(node)));
    initializers.forEach((weight, data) -> graph.addInitializer(tensor(weight, data)));
    return graph;
  }

  private static ValueInfoProto value(Value value) {
    ValueInfoProto.Builder info = ValueInfoProto.newBuilder().setName(value.name());
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Dim dim : value.shape()) {
      TensorShapeProto.Dimension.Builder entry = TensorShapeProto.Dimension.newBuilder();
      if (dim instanceof Dim.Known known) {
        entry.setDimValue(known.size());
      } else if (dim instanceof Dim.Symbol symbol && !symbol.name().isEmpty()) {
        entry.setDimParam(symbol.name());
      }
      shape.addDim(entry);
    }
    TypeProto.Tensor.Builder type =
        TypeProto.Tensor.newBuilder().setElemType(value.type().onnxCode());
    if (value.ranked()) {
      type.setShape(shape);
    }
    return info.setType(TypeProto.newBuilder().setTensorType(type)).build();
  }

  private static NodeProto node(Node node) {
    NodeProto.Builder proto =
        NodeProto.newBuilder()
            .addAllInput(node.inputs())
            .addAllOutput(node.outputs())
            .setOpType(node.op());
    if (!node.name().isEmpty()) {
      proto.setName(node.name());
    }
    if (!node.domain().isEmpty()) {
      proto.setDomain(node.domain());
    }
    node.attributes().forEach((name, value) -> proto.addAttribute(attribute(name, value)));
    return proto.build();
  }

  private static AttributeProto attribute(String name, Attribute value) {
    AttributeProto.Builder proto = AttributeProto.newBuilder().setName(name);
    if (value instanceof Attribute.OfInt i) {
      proto.setType(AttributeProto.AttributeType.INT).setI(i.value());
    } else if (value instanceof Attribute.OfFloat f) {
      proto.setType(AttributeProto.AttributeType.FLOAT).setF(f.value());
    } else if (value instanceof Attribute.OfString s) {
      proto.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(s.value()));
    } else if (value instanceof Attribute.OfInts ints) {
      proto.setType(AttributeProto.AttributeType.INTS).addAllInts(ints.values());
    } else if (value instanceof Attribute.OfFloats floats) {
      proto.setType(AttributeProto.AttributeType.FLOATS).addAllFloats(floats.values());
    } else if (value instanceof Attribute.OfStrings strings) {
      proto.setType(AttributeProto.AttributeType.STRINGS);
      strings.values().forEach(string -> proto.addStrings(ByteString.copyFromUtf8(string)));
    } else if (value instanceof Attribute.OfTensor tensor) {
      proto.setType(AttributeProto.AttributeType.TENSOR).setT(tensor("", tensor.value()));
    } else if (value instanceof Attribute.OfGraph body) {
      proto.setType(AttributeProto.AttributeType.GRAPH).setG(body(body.value()));
    }
    return proto.build();
  }

  private static GraphProto body(Body body) {
    GraphProto.Builder graph = graph(body.name(), body.inputs(), body.nodes(), body.initializers());
    body.outputs().forEach(output -> graph.addOutput(ValueInfoProto.newBuilder().setName(output)));
    return graph.build();
  }

  private static TensorProto tensor(String name, TensorData data) {
    TensorProto.Builder proto =
        TensorProto.newBuilder()
            .setDataType(data.type().onnxCode())
            .setRawData(UnsafeByteOperations.unsafeWrap(data.bytes()));
    for (long size : data.shape()) {
      proto.addDims(size);
    }
    return name.isEmpty() ? proto.build() : proto.setName(name).build();
  }
}
