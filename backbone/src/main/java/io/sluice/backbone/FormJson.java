package io.sluice.backbone;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One JSON file of an imported form: of a version that can be read, and corrupt ({@code DATA_LOSS})
 * where an entry is missing or of another type. Immutable.
 */
final class FormJson {
  private static final String VERSION_KEY = "formatVersion";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final JsonNode json;
  private final String file;

  private FormJson(JsonNode json, String file) {
    this.json = json;
    this.file = file;
  }

  /**
   * @param file how it is called in what is told of it
   */
  static FormJson read(byte[] content, String file) {
    requireNonNull(file, "file");
    try {
      FormJson read = new FormJson(JSON.readTree(content), file);
      read.requireVersion();
      return read;
    } catch (IOException e) {
      throw corrupt(file, e.getMessage() + " (expected: JSON)", e);
    }
  }

  /** An object of the version that is written, to be filled. */
  static ObjectNode begin() {
    return JSON.createObjectNode().put(VERSION_KEY, BackboneFormat.VERSION);
  }

  static byte[] written(ObjectNode json) {
    try {
      return JSON.writeValueAsBytes(json);
    } catch (IOException e) {
      throw new IllegalStateException("JSON: not written (expected: plain values)", e);
    }
  }

  /** That the content of {@code file} is not what was written. */
  static SluiceException corrupt(String file, String what, @Nullable Throwable cause) {
    return new SluiceException(ErrorCode.DATA_LOSS, file + ": corrupt: " + what, cause);
  }

  SluiceException corrupt(String what, @Nullable Throwable cause) {
    return corrupt(file, what, cause);
  }

  String text(String key) {
    return text(json, key);
  }

  /** That of an entry of this file. */
  String text(JsonNode entry, String key) {
    JsonNode value = entry.path(key);
    if (!value.isTextual()) {
      throw corrupt(key + ": " + value + " (expected: a string)", null);
    }
    return value.textValue();
  }

  int integer(String key) {
    JsonNode value = json.path(key);
    if (!value.isInt()) {
      throw corrupt(key + ": " + value + " (expected: an integer)", null);
    }
    return value.intValue();
  }

  JsonNode array(String key) {
    return array(json, key);
  }

  /** That of an entry of this file. */
  JsonNode array(JsonNode entry, String key) {
    JsonNode value = entry.path(key);
    if (!value.isArray()) {
      throw corrupt(key + ": " + value + " (expected: a list)", null);
    }
    return value;
  }

  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    array(key).forEach(value -> texts.add(value.asText()));
    return texts;
  }

  Digest digest(String key) {
    String digest = text(key);
    try {
      return Digest.parse(digest);
    } catch (SluiceException e) {
      throw corrupt(String.valueOf(e.getMessage()), e);
    }
  }

  private void requireVersion() {
    int version = integer(VERSION_KEY);
    int expected = BackboneFormat.VERSION;
    if (version == expected) {
      return;
    }
    throw new SluiceException(
        ErrorCode.FAILED_PRECONDITION,
        file
            + ": "
            + VERSION_KEY
            + ": "
            + version
            + " (expected: "
            + expected
            + (version > expected
                ? "): too new; read it with the Sluice that wrote it"
                : "): too old; import the model again"));
  }
}
