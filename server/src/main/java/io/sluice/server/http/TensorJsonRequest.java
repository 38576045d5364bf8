package io.sluice.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/** A request in the JSON form of the Open Inference Protocol, on its way to protobuf's. */
final class TensorJsonRequest {
  private static final ObjectMapper mapper = new ObjectMapper();
  private static final String PARAMETERS = "parameters";
  private static final String DATA = "data";

  private TensorJsonRequest() {}

  /**
   * The same request as protobuf writes it; texts of {@code data} in base64, as bytes are there.
   */
  static InputStream rewritten(InputStream in) throws IOException {
    JsonNode root = mapper.readTree(in);
    if (root instanceof ObjectNode request) {
      typeParameters(PARAMETERS, request);
      rewriteTensors(request, "inputs");
      rewriteTensors(request, "outputs");
    }
    return new ByteArrayInputStream(mapper.writeValueAsBytes(root));
  }

  private static void rewriteTensors(ObjectNode request, String field) {
    JsonNode tensors = request.path(field);
    for (int i = 0; i < tensors.size(); i++) {
      if (tensors.get(i) instanceof ObjectNode tensor) {
        typeParameters(field + "[" + i + "]." + PARAMETERS, tensor);
        JsonNode data = tensor.remove(DATA);
        if (data != null) {
          String at = field + "[" + i + "]." + DATA;
          ArrayNode texts = tensor.putObject("contents").putArray("bytesContents");
          addTexts(at, data, texts);
        }
      }
    }
  }

  /** Nested arrays hold the same as one flat array. */
  private static void addTexts(String at, JsonNode data, ArrayNode texts) {
    if (!data.isArray()) {
      throw invalid(at, data, "an array of strings");
    }
    for (int i = 0; i < data.size(); i++) {
      JsonNode element = data.get(i);
      String below = at + "[" + i + "]";
      if (element.isArray()) {
        addTexts(below, element, texts);
      } else if (element.isTextual()) {
        byte[] bytes = element.textValue().getBytes(StandardCharsets.UTF_8);
        texts.add(Base64.getEncoder().encodeToString(bytes));
      } else {
        throw invalid(below, element, "a string");
      }
    }
  }

  private static void typeParameters(String at, ObjectNode owner) {
    if (!(owner.path(PARAMETERS) instanceof ObjectNode parameters)) {
      return;
    }
    ObjectNode typed = mapper.createObjectNode();
    for (Map.Entry<String, JsonNode> parameter : parameters.properties()) {
      JsonNode value = parameter.getValue();
      String name = at + "." + parameter.getKey();
      if (value.isContainerNode()) {
        throw invalid(name, value, "true or false, a number or a string");
      }
      if (value.isIntegralNumber() && !value.canConvertToLong()) {
        throw invalid(name, value, "a whole number that fits int64");
      }
      typed.putObject(parameter.getKey()).set(kind(value), value);
    }
    owner.set(PARAMETERS, typed);
  }

  private static String kind(JsonNode value) {
    if (value.isBoolean()) {
      return "boolParam";
    }
    if (value.isIntegralNumber()) {
      return "int64Param";
    }
    return value.isNumber() ? "doubleParam" : "stringParam";
  }

  private static RuntimeException invalid(String at, JsonNode found, String expected) {
    return Status.INVALID_ARGUMENT
        .withDescription(
            at + ": " + JsonFault.shortened(found.toString()) + " (expected: " + expected + ")")
        .asRuntimeException();
  }
}
