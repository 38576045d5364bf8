package io.sluice.backbone;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.precision.ActivationRanges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The imported form of a backbone, version 1: a directory of four files.
 *
 * <ul>
 *   <li>{@code backbone.json}: {@code formatVersion} (integer), {@code name} (string), {@code
 *       digest} ("sha256:" and hex), {@code hiddenSize}, {@code maxPositions} (integers), {@code
 *       boundaries} (tensor names, 2L+1), {@code context} (list of {@code name}, {@code type},
 *       {@code shape} with sizes and symbols, {@code perRow}), {@code notes} (strings); for people
 *       also {@code inputs}, {@code points}, {@code parameters}, {@code bodyParameters}.
 *   <li>{@code model.onnx}: the whole graph; a weight that float16 holds exactly is stored so, with
 *       a Cast behind it.
 *   <li>{@code tokenizer.json}: as it was imported, byte for byte.
 *   <li>{@code ranges.json}: {@code formatVersion}, and {@code inputs}: the {@link
 *       ActivationRanges}, for each tensor that linears read their keys, and {@code lowest} and
 *       {@code highest} of each channel. May be missing.
 * </ul>
 *
 * Reading computes the digest anew and compares. Writing goes to a directory beside the target,
 * which then takes its place.
 */
public final class BackboneFormat {
  /** The version written, and the only one read so far. */
  public static final int VERSION = 1;

  static final String DESCRIPTION = "backbone.json";
  static final String MODEL = "model.onnx";
  static final String TOKENIZER = "tokenizer.json";
  static final String RANGES = "ranges.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private BackboneFormat() {}

  /**
   * Writes the backbone; an older imported form there is replaced.
   *
   * @throws SluiceException {@code ALREADY_EXISTS} when {@code dir} holds anything else
   */
  public static void write(Backbone backbone, Path dir) {
    requireNonNull(dir, "dir");
    if (Files.exists(dir) && !isBackbone(dir) && !isEmptyDirectory(dir)) {
      throw new SluiceException(
          ErrorCode.ALREADY_EXISTS,
          dir
              + ": holds something else (expected: nothing, or a directory with "
              + DESCRIPTION
              + ")");
    }
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(MODEL, OnnxFormat.write(Float16Weights.pack(backbone.whole())));
    files.put(TOKENIZER, backbone.tokenizerJson());
    files.put(DESCRIPTION, describe(backbone));
    if (!backbone.ranges().byLinear().isEmpty()) {
      files.put(RANGES, ranges(backbone.ranges()));
    }
    try {
      DirectorySwap.replace(dir, files);
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION, dir + ": cannot be written: " + e, e);
    }
  }

  /** Whether {@code dir} looks like an imported form. */
  public static boolean isBackbone(Path dir) {
    return Files.isRegularFile(dir.resolve(DESCRIPTION)) && Files.isRegularFile(dir.resolve(MODEL));
  }

  /**
   * Reads an imported form and verifies its digest.
   *
   * @throws SluiceException {@code NOT_FOUND} when a file is missing, {@code FAILED_PRECONDITION}
   *     when it was written by an older or newer format, {@code DATA_LOSS} when it is corrupt
   */
  public static Backbone read(Path dir) {
    requireNonNull(dir, "dir");
    return read(
        new FormFiles() {
          @Override
          public byte[] bytes(String file) {
            return BackboneFormat.bytes(dir.resolve(file));
          }

          @Override
          public boolean has(String file) {
            return Files.exists(dir.resolve(file));
          }
        },
        dir.toString());
  }

  /** The files of one imported form, wherever they lie. */
  interface FormFiles {
    byte[] bytes(String file);

    boolean has(String file);
  }

  static Backbone read(FormFiles files, String source) {
    String description = source + "/" + DESCRIPTION;
    JsonNode json = json(files.bytes(DESCRIPTION), description);
    requireVersion(json, description);
    Digest expected = digest(json, description);
    Graph whole = model(files.bytes(MODEL), source + "/" + MODEL);
    int hiddenSize = integer(json, "hiddenSize", description);
    requireHiddenSize(whole.outputs().get(0), hiddenSize, description);
    Backbone backbone;
    try {
      backbone =
          new Backbone(
              text(json, "name", description),
              whole,
              texts(json, "boundaries", description),
              context(json, description),
              hiddenSize,
              integer(json, "maxPositions", description),
              texts(json, "notes", description),
              files.bytes(TOKENIZER));
    } catch (IllegalArgumentException e) {
      throw corrupt(description, e.getMessage() + "; it does not describe " + MODEL, e);
    }
    if (!backbone.digest().equals(expected)) {
      throw corrupt(
          source,
          "digest of the content "
              + backbone.digest()
              + " (expected: "
              + expected
              + ", from "
              + DESCRIPTION
              + ")",
          null);
    }
    return files.has(RANGES)
        ? backbone.withRanges(ranges(files.bytes(RANGES), source + "/" + RANGES))
        : backbone;
  }

  private static byte[] ranges(ActivationRanges ranges) {
    // Linears that read the same tensor have the same range, which is written once.
    Map<ActivationRanges.Range, List<String>> linears = new LinkedHashMap<>();
    ranges
        .byLinear()
        .forEach(
            (linear, range) ->
                linears.computeIfAbsent(range, key -> new ArrayList<>()).add(linear));
    ObjectNode json = JSON.createObjectNode();
    json.put("formatVersion", VERSION);
    ArrayNode inputs = json.putArray("inputs");
    linears.forEach(
        (range, keys) -> {
          ObjectNode input = inputs.addObject();
          keys.forEach(input.putArray("linears")::add);
          put(input.putArray("lowest"), range.lowest());
          put(input.putArray("highest"), range.highest());
        });
    return written(json);
  }

  private static void put(ArrayNode array, float[] values) {
    for (float value : values) {
      array.add(value);
    }
  }

  private static ActivationRanges ranges(byte[] content, String file) {
    JsonNode json = json(content, file);
    requireVersion(json, file);
    Map<String, ActivationRanges.Range> ranges = new HashMap<>();
    try {
      for (JsonNode input : json.path("inputs")) {
        ActivationRanges.Range range =
            new ActivationRanges.Range(floats(input.path("lowest")), floats(input.path("highest")));
        input.path("linears").forEach(linear -> ranges.put(linear.asText(), range));
      }
      return ActivationRanges.of(ranges);
    } catch (IllegalArgumentException e) {
      throw corrupt(file, String.valueOf(e.getMessage()), e);
    }
  }

  private static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int c = 0; c < values.length; c++) {
      values[c] = array.path(c).floatValue();
    }
    return values;
  }

  private static byte[] describe(Backbone backbone) {
    ObjectNode json = JSON.createObjectNode();
    json.put("formatVersion", VERSION);
    json.put("name", backbone.name());
    json.put("digest", backbone.digest().toString());
    json.put("hiddenSize", backbone.hiddenSize());
    json.put("maxPositions", backbone.maxPositions());
    json.put("points", backbone.points());
    json.put("parameters", backbone.parameters());
    json.put("bodyParameters", backbone.bodyParameters());
    backbone.inputNames().forEach(json.putArray("inputs")::add);
    backbone.boundaryNames().forEach(json.putArray("boundaries")::add);
    ArrayNode context = json.putArray("context");
    for (ContextTensor tensor : backbone.context()) {
      ObjectNode entry = context.addObject();
      entry.put("name", tensor.name());
      entry.put("type", tensor.value().type().name());
      ArrayNode shape = entry.putArray("shape");
      for (Dim dim : tensor.value().shape()) {
        if (dim instanceof Dim.Known known) {
          shape.add(known.size());
        } else {
          shape.add(dim instanceof Dim.Symbol symbol ? symbol.name() : "");
        }
      }
      entry.put("perRow", tensor.perRow());
    }
    backbone.notes().forEach(json.putArray("notes")::add);
    return written(json);
  }

  private static byte[] written(ObjectNode json) {
    try {
      return JSON.writeValueAsBytes(json);
    } catch (IOException e) {
      throw new IllegalStateException("JSON: not written (expected: plain values)", e);
    }
  }

  private static List<ContextTensor> context(JsonNode json, String file) {
    List<ContextTensor> context = new ArrayList<>();
    for (JsonNode entry : array(json, "context", file)) {
      List<Dim> shape = new ArrayList<>();
      for (JsonNode size : array(entry, "shape", file)) {
        shape.add(
            size.isTextual() ? new Dim.Symbol(size.textValue()) : new Dim.Known(size.longValue()));
      }
      Value value =
          new Value(text(entry, "name", file), DataType.valueOf(text(entry, "type", file)), shape);
      context.add(new ContextTensor(value, entry.path("perRow").booleanValue()));
    }
    return context;
  }

  private static void requireVersion(JsonNode json, String file) {
    JsonNode version = json.path("formatVersion");
    if (!version.isInt()) {
      throw corrupt(file, "formatVersion: " + version + " (expected: an integer)", null);
    }
    if (version.intValue() > VERSION) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          file
              + ": formatVersion: "
              + version
              + " (expected: "
              + VERSION
              + "): too new; read it with the Sluice that wrote it");
    }
    if (version.intValue() < VERSION) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          file
              + ": formatVersion: "
              + version
              + " (expected: "
              + VERSION
              + "): too old; import the model again");
    }
  }

  /** The digest does not cover it: it follows from the model. */
  private static void requireHiddenSize(Value output, int hiddenSize, String file) {
    if (!output.accepts(1, 1, hiddenSize)) {
      throw corrupt(
          file,
          "hiddenSize: "
              + hiddenSize
              + " (expected: that of "
              + MODEL
              + ", "
              + output.describeShape()
              + ")",
          null);
    }
  }

  private static Graph model(byte[] content, String file) {
    try {
      return Float16Weights.expand(OnnxFormat.read(content));
    } catch (SluiceException | IllegalArgumentException e) {
      throw corrupt(file, e.getMessage() + " (expected: the model that was imported)", e);
    }
  }

  private static Digest digest(JsonNode json, String file) {
    String digest = text(json, "digest", file);
    try {
      return Digest.parse(digest);
    } catch (SluiceException e) {
      throw corrupt(file, String.valueOf(e.getMessage()), e);
    }
  }

  private static JsonNode json(byte[] content, String file) {
    try {
      return JSON.readTree(content);
    } catch (IOException e) {
      throw corrupt(file, e.getMessage() + " (expected: JSON)", e);
    }
  }

  private static String text(JsonNode json, String key, String file) {
    JsonNode value = json.path(key);
    if (!value.isTextual()) {
      throw corrupt(file, key + ": " + value + " (expected: a string)", null);
    }
    return value.textValue();
  }

  private static int integer(JsonNode json, String key, String file) {
    JsonNode value = json.path(key);
    if (!value.isInt()) {
      throw corrupt(file, key + ": " + value + " (expected: an integer)", null);
    }
    return value.intValue();
  }

  private static JsonNode array(JsonNode json, String key, String file) {
    JsonNode value = json.path(key);
    if (!value.isArray()) {
      throw corrupt(file, key + ": " + value + " (expected: a list)", null);
    }
    return value;
  }

  private static List<String> texts(JsonNode json, String key, String file) {
    List<String> texts = new ArrayList<>();
    array(json, key, file).forEach(value -> texts.add(value.asText()));
    return texts;
  }

  private static SluiceException corrupt(String file, String what, @Nullable Throwable cause) {
    return new SluiceException(ErrorCode.DATA_LOSS, file + ": corrupt: " + what, cause);
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND,
          file + ": no such file (expected: " + DESCRIPTION + ", " + MODEL + ", " + TOKENIZER + ")",
          e);
    } catch (IOException e) {
      throw new SluiceException(ErrorCode.DATA_LOSS, file + ": cannot be read: " + e, e);
    }
  }

  private static boolean isEmptyDirectory(Path dir) {
    try (var entries = Files.newDirectoryStream(dir)) {
      return !entries.iterator().hasNext();
    } catch (IOException e) {
      return false;
    }
  }
}
