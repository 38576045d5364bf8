package io.sluice.backbone;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.importer.EncoderImport;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Reads what exporters write: a directory with {@code model.onnx} (opset 11 or later, external data
 * allowed), {@code tokenizer.json} and perhaps {@code config.json}, from which only the number of
 * positions is taken.
 *
 * <p>Everything else is found from the graph itself; a model that cannot be cut is refused with the
 * reason. Importing the same files again gives the same digest.
 */
public final class BackboneImporter {
  /** Sequence length, in tokens, where neither the graph nor {@code config.json} limits it. */
  public static final int DEFAULT_MAX_POSITIONS = 512;

  /** Far above any tokenizer there is; beyond it reading alone could fill the memory. */
  private static final long MAX_JSON_BYTES = 256L << 20;

  private static final List<String> POSITION_KEYS =
      List.of("max_position_embeddings", "n_positions", "max_sequence_length", "max_seq_len");

  /** Words, a number, and a Cherokee letter, which hardly any vocabulary holds. */
  private static final String SAMPLE = "On 7 May it snowed \u13a0.";

  private BackboneImporter() {}

  /**
   * Imports the directory under the name of its last path element, and runs some text through it
   * for its {@linkplain Backbone#ranges ranges}.
   *
   * @throws SluiceException {@code NOT_FOUND} when a file is missing, {@code INVALID_ARGUMENT} when
   *     a file is broken or the model is no encoder that can be cut
   */
  public static Backbone read(Path dir, OnnxRuntime runtime) {
    requireNonNull(dir, "dir");
    if (!Files.isDirectory(dir)) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND, dir + ": no such directory (expected: model.onnx, tokenizer.json)");
    }
    Path model = require(dir.resolve("model.onnx"));
    Path tokenizer = require(dir.resolve("tokenizer.json"));
    byte[] tokenizerJson = bytes(tokenizer);
    long vocabulary = TokenizerFile.parse(tokenizerJson, tokenizer.toString()).vocabularySize();
    requireEncodes(tokenizerJson, tokenizer.toString());
    OptionalLong configured = configuredPositions(dir.resolve("config.json"));
    OnnxRuntime cpu = runtime.onCpu();
    EncoderImport encoder = ofModel(model, () -> EncoderImport.of(OnnxFormat.read(model), cpu));
    if (vocabulary > encoder.vocabularyRows()) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          tokenizer
              + ": vocabulary of "
              + vocabulary
              + " tokens (expected: at most "
              + encoder.vocabularyRows()
              + ", the rows of the embedding table in "
              + model
              + ")");
    }
    Path last = dir.toAbsolutePath().normalize().getFileName();
    String name = last == null ? "backbone" : last.toString();
    return ofModel(
        model,
        () -> {
          Backbone backbone = backbone(name, encoder, configured, tokenizerJson, cpu);
          return backbone.withRanges(RangeSampler.sample(backbone, cpu));
        });
  }

  /**
   * Imports a graph. The tokenizer is taken as it is.
   *
   * @param tokenizerJson content of a {@code tokenizer.json}; not looked at
   */
  public static Backbone cut(
      String name, Graph exported, byte[] tokenizerJson, OnnxRuntime runtime) {
    OnnxRuntime cpu = runtime.onCpu();
    return backbone(
        name, EncoderImport.of(exported, cpu), OptionalLong.empty(), tokenizerJson, cpu);
  }

  /** The same backbone, with the {@linkplain Backbone#ranges ranges} it has over some texts. */
  public static Backbone ranged(Backbone backbone, List<Encoding> texts, OnnxRuntime runtime) {
    return backbone.withRanges(RangeSampler.sample(backbone, texts, runtime.onCpu()));
  }

  /** Refuses a tokenizer that would fail on the first request and not now. */
  private static void requireEncodes(byte[] tokenizerJson, String source) {
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(tokenizerJson, source)) {
      tokenizer.encode(SAMPLE, null, Integer.MAX_VALUE);
      tokenizer.encode(SAMPLE, SAMPLE, Integer.MAX_VALUE);
    }
  }

  /** What {@code step} gives; when it fails, the model is at fault and named. */
  private static <T> T ofModel(Path model, Supplier<T> step) {
    try {
      return step.get();
    } catch (SluiceException e) {
      String message = String.valueOf(e.getMessage());
      throw new SluiceException(
          e.code() == ErrorCode.INTERNAL ? ErrorCode.INVALID_ARGUMENT : e.code(),
          message.startsWith(model.toString()) ? message : model + ": " + message,
          e);
    }
  }

  private static Backbone backbone(
      String name,
      EncoderImport encoder,
      OptionalLong configured,
      byte[] tokenizerJson,
      OnnxRuntime runtime) {
    List<String> notes = new ArrayList<>(encoder.notes());
    long positions =
        Math.min(encoder.positionLimit().orElse(Long.MAX_VALUE), configured.orElse(Long.MAX_VALUE));
    if (positions == Long.MAX_VALUE) {
      positions = DEFAULT_MAX_POSITIONS;
      notes.add(
          "positions: " + positions + " assumed; neither the graph nor config.json limits them");
    }
    Backbone backbone =
        new Backbone(
            name,
            encoder.whole(),
            encoder.boundaries(),
            encoder.context(),
            encoder.hiddenSize(),
            Math.toIntExact(positions),
            notes,
            tokenizerJson);
    MixingCheck.require(backbone, runtime);
    return backbone;
  }

  private static OptionalLong configuredPositions(Path config) {
    if (!Files.isRegularFile(config)) {
      return OptionalLong.empty();
    }
    JsonNode json;
    try {
      json = new ObjectMapper().readTree(bytes(config));
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, config + ": " + e.getMessage() + " (expected: JSON)", e);
    }
    return POSITION_KEYS.stream()
        .map(json::path)
        .filter(
            node ->
                node.isIntegralNumber()
                    && node.longValue() > 0
                    && node.longValue() < Integer.MAX_VALUE)
        .mapToLong(JsonNode::longValue)
        .findFirst();
  }

  private static Path require(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND,
          file + ": no such file (expected: a directory with model.onnx and tokenizer.json)");
    }
    return file;
  }

  private static byte[] bytes(Path file) {
    try {
      long sizeBytes = Files.size(file);
      if (sizeBytes > MAX_JSON_BYTES) {
        throw new SluiceException(
            ErrorCode.INVALID_ARGUMENT,
            file + ": " + sizeBytes + " bytes (expected: at most " + MAX_JSON_BYTES + ")");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new SluiceException(ErrorCode.INVALID_ARGUMENT, file + ": cannot be read: " + e, e);
    }
  }
}
