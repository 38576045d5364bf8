package io.sluice.server.http;

import static java.util.Objects.requireNonNull;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The field that keeps a JSON text from being a message. The parser does not name it, so every
 * field is given to the parser alone: the first that it refuses is at fault, or a part of it is.
 *
 * @param field path from the message: {@code scores[3].label}
 * @param found what is there, shortened
 * @param expected what should be
 */
record JsonFault(String field, String found, String expected) {
  private static final int SHOWN_CHARS = 60;
  private static final String WELL_KNOWN = "google.protobuf.";

  JsonFault {
    requireNonNull(field, "field");
    requireNonNull(found, "found");
    requireNonNull(expected, "expected");
  }

  /** Why {@code json} is not a message of the type of {@code prototype}. */
  static JsonFault of(String json, Message prototype, InvalidProtocolBufferException failure) {
    JsonElement root;
    try {
      root = JsonParser.parseString(json);
    } catch (JsonParseException e) {
      return new JsonFault("body", shortened(json), "a JSON object");
    }
    JsonFault fault = find("", root, prototype);
    return fault != null
        ? fault
        : new JsonFault("body", shortened(String.valueOf(failure.getMessage())), "one message");
  }

  @Override
  public String toString() {
    return field + ": " + found + " (expected: " + expected + ")";
  }

  private static @Nullable JsonFault find(String path, JsonElement element, Message type) {
    if (!(element instanceof JsonObject object)) {
      return new JsonFault(path.isEmpty() ? "body" : path, shortened(element), "a JSON object");
    }
    for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
      String at = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
      FieldDescriptor field = field(type.getDescriptorForType(), entry.getKey());
      if (field == null) {
        return new JsonFault(at, "unknown", "one of " + names(type.getDescriptorForType()));
      }
      if (!isAccepted(entry.getKey(), entry.getValue(), type)) {
        return inside(at, field, entry.getValue(), type);
      }
    }
    return null;
  }

  /**
   * The fault in a value that is refused: of one of its elements, of one of their fields, its own.
   */
  private static JsonFault inside(
      String at, FieldDescriptor field, JsonElement value, Message type) {
    if (field.isRepeated() && !field.isMapField() && value instanceof JsonArray array) {
      for (int i = 0; i < array.size(); i++) {
        JsonArray alone = new JsonArray();
        alone.add(array.get(i));
        if (!isAccepted(field.getName(), alone, type)) {
          return inElement(at + "[" + i + "]", field, array.get(i), type);
        }
      }
    }
    if (field.isRepeated()) {
      return new JsonFault(at, shortened(value), "an array of which each is " + kind(field));
    }
    return inElement(at, field, value, type);
  }

  private static JsonFault inElement(
      String at, FieldDescriptor field, JsonElement value, Message type) {
    if (isMessage(field) && value instanceof JsonObject) {
      Message nested = type.newBuilderForType().newBuilderForField(field).buildPartial();
      JsonFault deeper = find(at, value, nested);
      if (deeper != null) {
        return deeper;
      }
    }
    return new JsonFault(at, shortened(value), kind(field));
  }

  private static boolean isAccepted(String name, JsonElement value, Message type) {
    JsonObject alone = new JsonObject();
    alone.add(name, value);
    try {
      JsonFormat.parser().merge(alone.toString(), type.newBuilderForType());
      return true;
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }

  /** The field of that name, in either form. */
  static @Nullable FieldDescriptor field(Descriptor type, String name) {
    return type.getFields().stream()
        .filter(field -> field.getName().equals(name) || field.getJsonName().equals(name))
        .findFirst()
        .orElse(null);
  }

  private static String names(Descriptor type) {
    return type.getFields().stream()
        .map(FieldDescriptor::getJsonName)
        .collect(Collectors.joining(", "));
  }

  static boolean isMessage(FieldDescriptor field) {
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
        && !field.getMessageType().getFullName().startsWith(WELL_KNOWN);
  }

  /** What a field takes. */
  static String kind(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case STRING -> "a string";
      case BYTE_STRING -> "a string of base64";
      case BOOLEAN -> "true or false";
      case INT, LONG ->
          "a whole number that fits " + field.getType().name().toLowerCase(java.util.Locale.ROOT);
      case FLOAT, DOUBLE -> "a number";
      case ENUM ->
          field.getEnumType().getValues().stream()
              .map(EnumValueDescriptor::getName)
              .collect(Collectors.joining(", ", "one of ", ""));
      case MESSAGE ->
          isMessage(field)
              ? "a JSON object"
              : "a " + field.getMessageType().getName() + " as protobuf writes it in JSON";
    };
  }

  static String shortened(JsonElement element) {
    return shortened(element.toString());
  }

  /** The beginning of what may be long. */
  static String shortened(String text) {
    return text.length() <= SHOWN_CHARS ? text : text.substring(0, SHOWN_CHARS) + "...";
  }
}
