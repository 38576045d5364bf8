package io.sluice.backbone;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Dim;
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
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a sample of English text through a backbone and notes what the inputs of its linears are
 * like: about a hundred sentences written for this, alone and some in pairs. Stateless.
 */
final class RangeSampler {
  private static final String SAMPLE = "sample.txt";
  private static final int PAIR_EVERY = 3;
  private static final int MOST_TOKENS = 128;

  /** How much further than in the sample gets what no norm holds. */
  private static final float UNBOUNDED = 1.5f;

  private static final MathContext DIGITS = new MathContext(4);

  private RangeSampler() {}

  static ActivationRanges sample(Backbone backbone, OnnxRuntime runtime) {
    return sample(backbone, texts(backbone), runtime);
  }

  static ActivationRanges sample(Backbone backbone, List<Encoding> texts, OnnxRuntime runtime) {
    Map<String, List<String>> linears = ActivationRanges.inputsOfLinears(backbone.whole());
    if (linears.isEmpty()) {
      return ActivationRanges.none();
    }
    List<String> names = List.copyOf(linears.keySet());
    List<Value> outputs = new ArrayList<>();
    names.forEach(name -> outputs.add(new Value(name, DataType.FLOAT, List.of(new Dim.Rest()))));
    Graph graph = backbone.whole().extract("ranges", backbone.whole().inputs(), outputs);
    Map<String, Seen> seen = new HashMap<>();
    SessionSettings settings = SessionSettings.defaults().withMemoryPattern(false);
    try (OnnxSession session = runtime.open(graph, settings)) {
      for (Encoding text : texts) {
        Map<String, TensorData> found =
            CutForward.run(session, inputs(backbone, text), names, runtime);
        names.forEach(
            name -> {
              TensorData tokens = CutForward.require(found, name);
              seen.computeIfAbsent(name, key -> new Seen(tokens)).add(tokens);
            });
      }
    }
    Map<String, ActivationRanges.Range> ranges = new HashMap<>();
    for (String name : names) {
      ActivationRanges.Range range =
          require(seen, name).range(isBounded(backbone, name) ? 1 : UNBOUNDED);
      require(linears, name).forEach(linear -> ranges.merge(linear, range, RangeSampler::wider));
    }
    return ActivationRanges.of(ranges);
  }

  /** Whether a tensor is what a layer norm gives, and no adapter can come between. */
  private static boolean isBounded(Backbone backbone, String tensor) {
    Node maker = backbone.whole().producers().get(tensor);
    return maker != null
        && maker.is("LayerNormalization")
        && !backbone.boundaryNames().contains(tensor);
  }

  private static <T> T require(Map<String, T> of, String name) {
    return requireNonNull(of.get(name), name);
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

  private static ActivationRanges.Range wider(ActivationRanges.Range a, ActivationRanges.Range b) {
    float[] lowest = a.lowest().clone();
    float[] highest = a.highest().clone();
    for (int c = 0; c < lowest.length; c++) {
      lowest[c] = Math.min(lowest[c], b.lowest()[c]);
      highest[c] = Math.max(highest[c], b.highest()[c]);
    }
    return new ActivationRanges.Range(lowest, highest);
  }

  /** What has been seen of one tensor, by channels: its last axis. */
  private static final class Seen {
    private final float[] lowest;
    private final float[] highest;

    Seen(TensorData like) {
      int channels = Math.toIntExact(like.shape()[like.rank() - 1]);
      lowest = new float[channels];
      highest = new float[channels];
    }

    void add(TensorData tokens) {
      float[] values = tokens.toFloats();
      for (int i = 0; i < values.length; i++) {
        int channel = i % lowest.length;
        lowest[channel] = Math.min(lowest[channel], values[i]);
        highest[channel] = Math.max(highest[channel], values[i]);
      }
    }

    /**
     * In four digits: what is stored is the shorter for it.
     *
     * @param room how much further other texts may get
     */
    ActivationRanges.Range range(float room) {
      ActivationRanges.Range all =
          new ActivationRanges.Range(rounded(lowest, room), rounded(highest, room));
      // Behind an activation function tokens are too unlike for a scale in common.
      return all.together().isOneSided()
          ? new ActivationRanges.Range(rounded(lowest, 1), rounded(highest, 1)).together()
          : all;
    }

    private static float[] rounded(float[] values, float room) {
      float[] rounded = values.clone();
      for (int c = 0; c < rounded.length; c++) {
        rounded[c] = new BigDecimal(room * values[c]).round(DIGITS).floatValue();
      }
      return rounded;
    }
  }
}
