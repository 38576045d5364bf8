package io.sluice.backbone;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import io.sluice.backbone.runtime.SessionSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Inputs of an export of the zoo, and what PyTorch gave for them.
 *
 * @param expected flat, rows by tokens by hidden size
 */
@SuppressWarnings("ArrayRecordComponent") // Sample values; equality is not asked for.
public record ZooSample(JsonNode json, String prefix, float[] expected) {

  /** The exports. */
  public static List<Path> exports() throws IOException {
    try (Stream<Path> files = Files.list(SharedFiles.require("zoo"))) {
      return files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
    }
  }

  /** The samples of an export. */
  public static List<ZooSample> of(Path export) throws IOException {
    String name = export.getFileName().toString().replace(".onnx", ".json");
    JsonNode json = new ObjectMapper().readTree(export.resolveSibling(name).toFile());
    List<ZooSample> samples = new ArrayList<>();
    for (int sample = 0; json.has(sample + ".input_ids"); sample++) {
      JsonNode expected = json.path(sample + ".last_hidden_state");
      float[] values = new float[expected.size()];
      IntStream.range(0, values.length)
          .forEach(i -> values[i] = (float) expected.get(i).doubleValue());
      samples.add(new ZooSample(json, sample + ".", values));
    }
    return samples;
  }

  /** The whole model of a backbone, its blocks in a form and joined as the server joins them. */
  public static Graph joined(Backbone backbone, UnaryOperator<Graph> form) {
    GraphBuilder b = new GraphBuilder("joined", backbone.whole().opset());
    Graph prologue = backbone.prologue();
    Map<String, String> inputs = new HashMap<>();
    prologue.inputs().forEach(input -> inputs.put(input.name(), b.input(input)));
    Map<String, String> made = new HashMap<>(b.append(prologue, inputs));
    String hidden = requireNonNull(made.get(prologue.outputs().get(0).name()));
    for (int k = 1; k <= backbone.points(); k++) {
      hidden = append(b, form.apply(backbone.block(k)), hidden, made);
    }
    Graph epilogue = backbone.epilogue();
    if (epilogue != null) {
      hidden = append(b, form.apply(epilogue), hidden, made);
    }
    b.outputAs(hidden, Value.of("joined", DataType.FLOAT, "batch", "seq", backbone.hiddenSize()));
    return b.build();
  }

  /** Blocks 1 to {@code last}, with the inputs of the span that they are. */
  public static Graph joined(Graph span, IntFunction<Graph> blocks, int last) {
    GraphBuilder b = new GraphBuilder("joined", span.opset());
    Map<String, String> context = new HashMap<>();
    span.inputs().forEach(input -> context.put(input.name(), b.input(input)));
    String hidden = Backbone.BLOCK_INPUT;
    for (int k = 1; k <= last; k++) {
      hidden = append(b, blocks.apply(k), hidden, context);
    }
    b.outputAs(hidden, span.outputs().get(0).named("joined"));
    return b.build();
  }

  private static String append(
      GraphBuilder b, Graph part, String hidden, Map<String, String> context) {
    Map<String, String> binding = new HashMap<>();
    for (Value input : part.inputs()) {
      String name = input.name();
      binding.put(
          name,
          name.equals(Backbone.BLOCK_INPUT) ? hidden : requireNonNull(context.get(name), name));
    }
    return b.append(part, binding).values().iterator().next();
  }

  /**
   * The length of the difference from what a whole model gives, by the length of what it should
   * give, over all tokens that are not padding and that the model gives: all, or the first of each
   * row.
   */
  public double relativeError(Graph model, OnnxRuntime runtime) {
    Map<String, HostTensor> inputs = new HashMap<>();
    for (Value input : model.inputs()) {
      inputs.put(input.name(), HostTensor.of(runtime, longs(input.name())));
    }
    String output = model.outputs().get(0).name();
    try (OnnxSession session = runtime.open(model, SessionSettings.defaults());
        Results results = session.run(inputs, List.of(output))) {
      float[] actual = results.get(output).toFloats();
      TensorData masks = longs("attention_mask");
      long[] mask = masks.toLongs();
      int size = expected.length / mask.length;
      int tokens = (int) masks.shape()[1];
      int given = tokens * actual.length / expected.length;
      double difference = 0;
      double length = 0;
      for (int i = 0; i < actual.length; i++) {
        int token = i / size / given * tokens + i / size % given;
        float wanted = expected[token * size + i % size];
        if (mask[token] == 1) {
          difference += Math.pow((double) actual[i] - wanted, 2);
          length += Math.pow(wanted, 2);
        }
      }
      return Math.sqrt(difference / length);
    } finally {
      inputs.values().forEach(HostTensor::close);
    }
  }

  private TensorData longs(String input) {
    JsonNode rows = json.path(prefix + input);
    JsonNode ids = json.path(prefix + "input_ids");
    int tokens = ids.get(0).size();
    long[] values = new long[ids.size() * tokens];
    for (int i = 0; i < values.length && !rows.isMissingNode(); i++) {
      values[i] = rows.get(i / tokens).get(i % tokens).longValue();
    }
    return TensorData.longs(values, ids.size(), tokens);
  }
}
