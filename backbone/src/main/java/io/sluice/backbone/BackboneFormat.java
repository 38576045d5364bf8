package io.sluice.backbone;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.graph.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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

  private BackboneFormat() {}

  /**
   * Writes the backbone; an older imported form there is replaced.
   *
   * @throws SluiceException {@code ALREADY_EXISTS} when {@code dir} holds anything else
   */
  public static void write(Backbone backbone, Path dir) {
    requireRoom(dir);
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(MODEL, OnnxFormat.write(Float16Weights.pack(backbone.whole())));
    files.put(TOKENIZER, backbone.tokenizerJson());
    files.put(DESCRIPTION, describe(backbone));
    if (!backbone.ranges().byLinear().isEmpty()) {
      files.put(RANGES, RangesFormat.write(backbone.ranges()));
    }
    try {
      DirectorySwap.replace(dir, files);
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION, dir + ": cannot be written: " + e, e);
    }
  }

  /**
   * Requires what {@link #write} will: a folder that is not there, is empty, or holds an older
   * imported form.
   *
   * @throws SluiceException {@code ALREADY_EXISTS} when {@code dir} holds anything else
   */
  public static void requireRoom(Path dir) {
    requireNonNull(dir, "dir");
    if (Files.exists(dir) && !isBackbone(dir) && !isEmptyDirectory(dir)) {
      throw new SluiceException(
          ErrorCode.ALREADY_EXISTS,
          dir
              + ": holds something else (expected: nothing, or a directory with "
              + DESCRIPTION
              + ")");
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
    FormJson json = FormJson.read(files.bytes(DESCRIPTION), source + "/" + DESCRIPTION);
    Digest expected = json.digest("digest");
    Graph whole = model(files.bytes(MODEL), source + "/" + MODEL);
    int hiddenSize = json.integer("hiddenSize");
    requireHiddenSize(whole.outputs().get(0), hiddenSize, json);
    Backbone backbone;
    try {
      backbone =
          new Backbone(
              json.text("name"),
              whole,
              json.texts("boundaries"),
              context(json),
              hiddenSize,
              json.integer("maxPositions"),
              json.texts("notes"),
              files.bytes(TOKENIZER));
    } catch (IllegalArgumentException e) {
      throw json.corrupt(e.getMessage() + "; it does not describe " + MODEL, e);
    }
    if (!backbone.digest().equals(expected)) {
      throw FormJson.corrupt(
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
        ? backbone.withRanges(RangesFormat.read(files.bytes(RANGES), source + "/" + RANGES))
        : backbone;
  }

  private static byte[] describe(Backbone backbone) {
    ObjectNode json = FormJson.begin();
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
    return FormJson.written(json);
  }

  private static List<ContextTensor> context(FormJson json) {
    List<ContextTensor> context = new ArrayList<>();
    for (JsonNode entry : json.array("context")) {
      List<Dim> shape = new ArrayList<>();
      for (JsonNode size : json.array(entry, "shape")) {
        shape.add(
            size.isTextual() ? new Dim.Symbol(size.textValue()) : new Dim.Known(size.longValue()));
      }
      Value value =
          new Value(json.text(entry, "name"), DataType.valueOf(json.text(entry, "type")), shape);
      context.add(new ContextTensor(value, entry.path("perRow").booleanValue()));
    }
    return context;
  }

  /** The digest does not cover it: it follows from the model. */
  private static void requireHiddenSize(Value output, int hiddenSize, FormJson json) {
    if (!output.accepts(1, 1, hiddenSize)) {
      throw json.corrupt(
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
      throw FormJson.corrupt(file, e.getMessage() + " (expected: the model that was imported)", e);
    }
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
