package io.sluice.backbone;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.precision.ActivationRanges;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.SessionSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a sample of English text through a backbone and notes how large the outputs of its layer
 * norms get: about a hundred sentences written for this, alone and some in pairs. Stateless.
 */
final class RangeSampler {
  private static final String SAMPLE = "sample.txt";
  private static final int PAIR_EVERY = 3;
  private static final int MOST_TOKENS = 128;

  private RangeSampler() {}

  static ActivationRanges sample(Backbone backbone, OnnxRuntime runtime) {
    Map<String, String> keys = norms(backbone.whole());
    if (keys.isEmpty()) {
      return ActivationRanges.none();
    }
    List<String> names = List.copyOf(keys.keySet());
    List<Value> outputs = new ArrayList<>();
    names.forEach(name -> outputs.add(Value.of(name, DataType.FLOAT, "batch", "seq", "channel")));
    Graph graph = backbone.whole().extract("ranges", backbone.whole().inputs(), outputs);
    Map<String, float[]> largest = new HashMap<>();
    SessionSettings settings = SessionSettings.defaults().withMemoryPattern(false);
    try (OnnxSession session = runtime.open(graph, settings)) {
      for (Encoding text : texts(backbone)) {
        Map<String, TensorData> found =
            CutForward.run(session, inputs(backbone, text), names, runtime);
        keys.forEach(
            (name, key) ->
                largest.merge(key, largest(CutForward.require(found, name)), RangeSampler::larger));
      }
    }
    return ActivationRanges.of(largest);
  }

  /** The outputs of the layer norms that can be told apart, and what each is known by. */
  private static Map<String, String> norms(Graph whole) {
    Map<String, String> keys = new LinkedHashMap<>();
    for (Node node : whole.nodes()) {
      String key = ActivationRanges.key(whole, node);
      if (key != null) {
        keys.put(node.outputs().get(0), key);
      }
    }
    return keys;
  }

  private static List<Encoding> texts(Backbone backbone) {
    List<String> lines = lines();
    int mostTokens = Math.min(MOST_TOKENS, backbone.maxPositions());
    List<Encoding> texts = new ArrayList<>();
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      for (int i = 0; i < lines.size(); i++) {
        texts.add(tokenizer.encode(lines.get(i), null, mostTokens));
        if (i % PAIR_EVERY == 0 && i + 1 < lines.size()) {
          texts.add(tokenizer.encode(lines.get(i), lines.get(i + 1), mostTokens));
        }
      }
    }
    return texts;
  }

  private static List<String> lines() {
    try (InputStream in = requireNonNull(RangeSampler.class.getResourceAsStream(SAMPLE), SAMPLE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new SluiceException(ErrorCode.DATA_LOSS, SAMPLE + ": cannot be read from the jar", e);
    }
  }

  private static Map<String, TensorData> inputs(Backbone backbone, Encoding text) {
    long[] mask = new long[text.length()];
    Arrays.fill(mask, 1);
    return new SampleBatch(1, text.length(), text.ids(), mask, text.typeIds())
        .inputs(backbone.inputNames());
  }

  private static float[] largest(TensorData tokens) {
    float[] values = tokens.toFloats();
    int channels = Math.toIntExact(tokens.shape()[tokens.rank() - 1]);
    float[] largest = new float[channels];
    for (int i = 0; i < values.length; i++) {
      largest[i % channels] = Math.max(largest[i % channels], Math.abs(values[i]));
    }
    return largest;
  }

  private static float[] larger(float[] a, float[] b) {
    float[] larger = a.clone();
    for (int c = 0; c < b.length; c++) {
      larger[c] = Math.max(larger[c], b[c]);
    }
    return larger;
  }
}
