package io.sluice.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.linecorp.armeria.common.grpc.GrpcJsonMarshaller;
import io.grpc.MethodDescriptor.Marshaller;
import io.sluice.proto.inference.InferParameter;
import io.sluice.proto.inference.ModelInferResponse;
import io.sluice.proto.inference.ModelInferResponse.InferOutputTensor;
import io.sluice.proto.inference.ModelMetadataResponse;
import io.sluice.proto.inference.ModelMetadataResponse.TensorMetadata;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;

/**
 * Messages in the JSON form of the Open Inference Protocol: names with underscores, shapes of
 * numbers, and the values of a tensor in one array, {@code data}, whatever they are. Thread-safe.
 */
final class TensorJson implements GrpcJsonMarshaller {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().alwaysPrintFieldsWithNoPresence().preservingProtoFieldNames();
  private static final ObjectMapper mapper = new ObjectMapper();

  private final JsonMessages messages = new JsonMessages();

  @Override
  public <T> void serializeMessage(Marshaller<T> marshaller, T message, OutputStream out)
      throws IOException {
    JsonNode json;
    if (message instanceof ModelInferResponse reply) {
      json = json(reply);
    } else if (message instanceof ModelMetadataResponse metadata) {
      json = json(metadata);
    } else {
      json = mapper.readTree(PRINTER.print((Message) message));
    }
    mapper.writeValue(out, json);
  }

  @Override
  public <T> T deserializeMessage(Marshaller<T> marshaller, InputStream in) throws IOException {
    return messages.deserializeMessage(marshaller, TensorJsonRequest.rewritten(in));
  }

  private static ObjectNode json(ModelInferResponse reply) {
    ObjectNode json =
        mapper
            .createObjectNode()
            .put("model_name", reply.getModelName())
            .put("model_version", reply.getModelVersion());
    if (!reply.getId().isEmpty()) {
      json.put("id", reply.getId());
    }
    addParameters(json, reply.getParametersMap());
    ArrayNode outputs = json.putArray("outputs");
    for (InferOutputTensor output : reply.getOutputsList()) {
      ObjectNode tensor = outputs.addObject().put("name", output.getName());
      addShape(tensor, output.getShapeList());
      tensor.put("datatype", output.getDatatype());
      addParameters(tensor, output.getParametersMap());
      ArrayNode data = tensor.putArray("data");
      output.getContents().getBytesContentsList().forEach(text -> data.add(text.toStringUtf8()));
      output.getContents().getFp32ContentsList().forEach(data::add);
      output.getContents().getUintContentsList().forEach(count -> data.add((long) count));
      output.getContents().getBoolContentsList().forEach(data::add);
    }
    return json;
  }

  private static ObjectNode json(ModelMetadataResponse metadata) {
    ObjectNode json = mapper.createObjectNode().put("name", metadata.getName());
    metadata.getVersionsList().forEach(json.putArray("versions")::add);
    json.put("platform", metadata.getPlatform());
    addDescriptions(json.putArray("inputs"), metadata.getInputsList());
    addDescriptions(json.putArray("outputs"), metadata.getOutputsList());
    return json;
  }

  private static void addDescriptions(ArrayNode json, List<TensorMetadata> tensors) {
    for (TensorMetadata tensor : tensors) {
      ObjectNode described =
          json.addObject().put("name", tensor.getName()).put("datatype", tensor.getDatatype());
      addShape(described, tensor.getShapeList());
    }
  }

  private static void addShape(ObjectNode json, List<Long> shape) {
    shape.forEach(json.putArray("shape")::add);
  }

  private static void addParameters(ObjectNode json, Map<String, InferParameter> parameters) {
    if (parameters.isEmpty()) {
      return;
    }
    ObjectNode all = json.putObject("parameters");
    parameters.forEach(
        (name, value) -> {
          switch (value.getParameterChoiceCase()) {
            case BOOL_PARAM -> all.put(name, value.getBoolParam());
            case INT64_PARAM -> all.put(name, value.getInt64Param());
            case STRING_PARAM -> all.put(name, value.getStringParam());
            case DOUBLE_PARAM -> all.put(name, value.getDoubleParam());
            case UINT64_PARAM -> all.put(name, value.getUint64Param());
            case PARAMETERCHOICE_NOT_SET -> all.putNull(name);
          }
        });
  }
}
