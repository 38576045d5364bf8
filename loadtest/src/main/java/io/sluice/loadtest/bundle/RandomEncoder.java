package io.sluice.loadtest.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneImporter;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.loadtest.TextsOfLength;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An encoder of any size with random weights and a tokenizer of some hundred words: it answers
 * nothing, and takes as long as a trained one. In the form of BERT: norms after the sublayers,
 * learned positions, feed-forward four times as wide, heads of 64 (or of 16 where that does not
 * divide the width). Equal sizes give equal encoders. Stateless.
 */
public final class RandomEncoder {
  private static final Pattern SIZE = Pattern.compile("random:([0-9]{1,3})x([0-9]{1,5})");
  private static final long OPSET = 18;
  private static final long WEIGHTS_A_LAYER = 12;

  /** 4 GiB in 32 bits. */
  private static final long MOST_WEIGHTS = 1L << 30;

  private static final int POSITIONS = 512;
  private static final int SPECIALS = 4;
  private static final int WIDE_HEAD = 64;
  private static final int NARROW_HEAD = 16;
  private static final double DEVIATION = 0.02;
  private static final int SAMPLE_TOKENS = 64;
  private static final int SAMPLE_TEXTS = 32;

  private final GraphBuilder b;
  private final RandomGenerator random;
  private final int hidden;
  private final int head;

  private RandomEncoder(int layers, int hidden) {
    this.b = new GraphBuilder("random-" + layers + "x" + hidden, OPSET);
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(31L * layers + hidden);
    this.hidden = hidden;
    this.head = hidden % WIDE_HEAD == 0 ? WIDE_HEAD : NARROW_HEAD;
  }

  /** Whether this names a random encoder: {@code random:6x384}. */
  public static boolean names(String text) {
    return text.startsWith("random:");
  }

  /** What is expected in place of {@code text}; null when it is the size of an encoder. */
  public static @Nullable String expected(String text) {
    Matcher size = SIZE.matcher(text);
    int layers = size.matches() ? Integer.parseInt(size.group(1)) : 0;
    int hidden = size.matches() ? Integer.parseInt(size.group(2)) : 0;
    if (layers < 1 || hidden < NARROW_HEAD || hidden % NARROW_HEAD != 0) {
      return "random:LAYERSxWIDTH, WIDTH a multiple of 16";
    }
    return WEIGHTS_A_LAYER * layers * hidden * hidden > MOST_WEIGHTS
        ? "at most " + MOST_WEIGHTS + " weights in the layers, 12 x WIDTH x WIDTH each"
        : null;
  }

  /**
   * Makes one and imports it.
   *
   * @param text {@code random:LAYERSxWIDTH}
   */
  public static Backbone of(String text, OnnxRuntime runtime) {
    String wrong = expected(text);
    if (wrong != null) {
      throw new IllegalArgumentException("backbone: " + text + " (expected: " + wrong + ")");
    }
    Matcher size = SIZE.matcher(text);
    int layers = size.matches() ? Integer.parseInt(size.group(1)) : 0;
    int hidden = size.matches() ? Integer.parseInt(size.group(2)) : 0;
    Set<String> words = new LinkedHashSet<>(TextsOfLength.words());
    Graph graph = new RandomEncoder(layers, hidden).graph(layers, words.size() + SPECIALS);
    Backbone backbone =
        BackboneImporter.cut(graph.name(), graph, tokenizer(words).getBytes(UTF_8), runtime);
    return BackboneImporter.ranged(backbone, sample(backbone), runtime);
  }

  /** Texts of its own words: what an imported encoder is sampled with it would not know. */
  private static List<Encoding> sample(Backbone backbone) {
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      return TextsOfLength.of(tokenizer, SAMPLE_TOKENS, SAMPLE_TEXTS, 1).stream()
          .map(text -> tokenizer.encode(text.text(), text.pair(), SAMPLE_TOKENS))
          .toList();
    }
  }

  private Graph graph(int layers, int vocabulary) {
    String ids = b.input("input_ids", DataType.INT64, "batch", "seq");
    String mask = b.input("attention_mask", DataType.INT64, "batch", "seq");
    String seq = b.node("Gather", b.node("Shape", ids), b.constant(TensorData.scalar(1L)));
    String positions =
        b.node("Range", b.constant(TensorData.scalar(0L)), seq, b.constant(TensorData.scalar(1L)));
    String words = b.node("Gather", weights(vocabulary, hidden), ids);
    String states =
        norm(b.node("Add", words, b.node("Gather", weights(POSITIONS, hidden), positions)));
    String bias = maskBias(mask);
    for (int layer = 0; layer < layers; layer++) {
      states = norm(b.node("Add", attention(states, bias), states));
      states = norm(b.node("Add", feedForward(states), states));
    }
    b.outputAs(states, Value.of("last_hidden_state", DataType.FLOAT, "batch", "seq", hidden));
    return b.build();
  }

  private String attention(String x, String bias) {
    String query = heads(linear(x, hidden, hidden), 0, 2, 1, 3);
    String key = heads(linear(x, hidden, hidden), 0, 2, 3, 1);
    String value = heads(linear(x, hidden, hidden), 0, 2, 1, 3);
    String scores =
        b.node("Mul", b.node("MatMul", query, key), b.constant((float) (1 / Math.sqrt(head))));
    String shares =
        b.node("Softmax", List.of(b.node("Add", scores, bias)), Map.of("axis", Attribute.of(-1L)));
    String mixed =
        b.node(
            "Transpose",
            List.of(b.node("MatMul", shares, value)),
            Map.of("perm", Attribute.ints(0, 2, 1, 3)));
    return linear(b.node("Reshape", mixed, b.constant(0, 0, hidden)), hidden, hidden);
  }

  private String heads(String x, long... perm) {
    String split = b.node("Reshape", x, b.constant(0, 0, hidden / head, head));
    return b.node("Transpose", List.of(split), Map.of("perm", Attribute.ints(perm)));
  }

  /** Gelu by the error function, in the operators that exporters write. */
  private String feedForward(String x) {
    int wide = 4 * hidden;
    String up = linear(x, hidden, wide);
    String erf = b.node("Erf", b.node("Div", up, b.constant((float) Math.sqrt(2))));
    String active =
        b.node("Mul", b.node("Mul", up, b.node("Add", erf, b.constant(1f))), b.constant(0.5f));
    return linear(active, wide, hidden);
  }

  private String linear(String x, int from, int to) {
    String bias = b.initializer("bias", TensorData.floats(new float[to], to));
    return b.node("Add", b.node("MatMul", x, weights(from, to)), bias);
  }

  private String norm(String x) {
    float[] ones = new float[hidden];
    Arrays.fill(ones, 1);
    String scale = b.initializer("scale", TensorData.floats(ones, hidden));
    String shift = b.initializer("shift", TensorData.floats(new float[hidden], hidden));
    return b.node(
        "LayerNormalization", List.of(x, scale, shift), Map.of("axis", Attribute.of(-1L)));
  }

  private String maskBias(String mask) {
    String wide = b.node("Unsqueeze", mask, b.constant(1, 2));
    String kept =
        b.node("Cast", List.of(wide), Map.of("to", Attribute.of((long) DataType.FLOAT.onnxCode())));
    return b.node("Mul", b.node("Sub", b.constant(1f), kept), b.constant(-10_000f));
  }

  private String weights(int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (DEVIATION * random.nextGaussian());
    }
    return b.initializer("weight", TensorData.floats(values, rows, columns));
  }

  private static String tokenizer(Set<String> words) {
    StringBuilder vocabulary = new StringBuilder("\"[PAD]\":0,\"[UNK]\":1,\"[CLS]\":2,\"[SEP]\":3");
    int id = SPECIALS;
    for (String word : words) {
      vocabulary.append(",\"").append(word).append("\":").append(id++);
    }
    return """
    {"version":"1.0","truncation":null,"padding":null,
     "added_tokens":[%s],
     "normalizer":{"type":"Lowercase"},
     "pre_tokenizer":{"type":"Whitespace"},
     "post_processor":{"type":"TemplateProcessing",
      "single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
                {"SpecialToken":{"id":"[SEP]","type_id":0}}],
      "pair":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
              {"SpecialToken":{"id":"[SEP]","type_id":0}},{"Sequence":{"id":"B","type_id":1}},
              {"SpecialToken":{"id":"[SEP]","type_id":1}}],
      "special_tokens":{"[CLS]":{"id":"[CLS]","ids":[2],"tokens":["[CLS]"]},
                        "[SEP]":{"id":"[SEP]","ids":[3],"tokens":["[SEP]"]}}},
     "decoder":null,
     "model":{"type":"WordLevel","unk_token":"[UNK]","vocab":{%s}}}
    """
        .formatted(
            special("[PAD]", 0)
                + ","
                + special("[UNK]", 1)
                + ","
                + special("[CLS]", 2)
                + ","
                + special("[SEP]", 3),
            vocabulary);
  }

  private static String special(String token, int id) {
    return "{\"id\":"
        + id
        + ",\"content\":\""
        + token
        + "\",\"single_word\":false,"
        + "\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":true}";
  }
}
