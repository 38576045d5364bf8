package io.sluice.server.http;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The kinds of JSON values that protobuf's JSON form has for its fields. Protobuf's own parser
 * takes more: a number, true, or an array of one for a text, {@code "true"} for true.
 */
final class JsonKinds {
  private JsonKinds() {}

  /**
   * The first value of another kind than its field's.
   *
   * @param json what the parser has made a message of
   * @param prototype of its type
   */
  static @Nullable JsonFault fault(String json, Message prototype) {
    return JsonParser.parseString(json) instanceof JsonObject message
        ? find("", message, prototype.getDescriptorForType())
        : null;
  }

  private static @Nullable JsonFault find(String path, JsonObject message, Descriptor type) {
    for (Map.Entry<String, JsonElement> entry : message.entrySet()) {
      FieldDescriptor field = JsonFault.field(type, entry.getKey());
      if (field != null) {
        String at = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
        JsonFault fault = of(at, entry.getValue(), field);
        if (fault != null) {
          return fault;
        }
      }
    }
    return null;
  }

  private static @Nullable JsonFault of(String at, JsonElement value, FieldDescriptor field) {
    if (field.isMapField() && value instanceof JsonObject map) {
      FieldDescriptor ofValue = field.getMessageType().findFieldByName("value");
      for (Map.Entry<String, JsonElement> entry : map.entrySet()) {
        JsonFault fault = single(at + "." + entry.getKey(), entry.getValue(), ofValue);
        if (fault != null) {
          return fault;
        }
      }
      return null;
    }
    if (field.isRepeated() && value instanceof JsonArray array) {
      for (int i = 0; i < array.size(); i++) {
        JsonFault fault = single(at + "[" + i + "]", array.get(i), field);
        if (fault != null) {
          return fault;
        }
      }
      return null;
    }
    return single(at, value, field);
  }

  private static @Nullable JsonFault single(String at, JsonElement value, FieldDescriptor field) {
    if (value.isJsonNull()) {
      return null;
    }
    if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      return JsonFault.isMessage(field) && value instanceof JsonObject nested
          ? find(at, nested, field.getMessageType())
          : null;
    }
    return value instanceof JsonPrimitive primitive && isOfKind(primitive, field)
        ? null
        : new JsonFault(at, JsonFault.shortened(value), JsonFault.kind(field));
  }

  private static boolean isOfKind(JsonPrimitive value, FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case STRING, BYTE_STRING -> value.isString();
      case BOOLEAN -> value.isBoolean();
      default -> !value.isBoolean();
    };
  }
}
