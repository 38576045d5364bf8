package io.sluice.server.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ContextTensor;
import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A two-layer transformer encoder with random weights and a tokenizer of some forty words: 4
 * points, hidden size 32, mask and epilogue included. The same every time. Stateless.
 */
public final class TestingBackbone {
  public static final int HIDDEN = 32;
  public static final int POINTS = 4;

  /** Words the tokenizer knows; each is one token. */
  public static final List<String> WORDS =
      List.of(
          "the", "a", "good", "bad", "film", "book", "very", "not", "was", "is", "were", "some",
          "plain", "river", "gate", "water", "stone", "light", "dark", "old", "new", "slow", "fast",
          "warm", "cold", "high", "low", "red", "blue", "green", "one", "two", "three", "four",
          "who", "what", "where", "when", "why", "how");

  private static final int SPECIALS = 4;
  private static final long SEED = 7;

  private TestingBackbone() {}

  public static Backbone create() {
    Random random = new Random(SEED);
    GraphBuilder b = new GraphBuilder("tiny", 18);
    String ids = b.input("input_ids", DataType.INT64, "batch", "seq");
    String mask = b.input("attention_mask", DataType.INT64, "batch", "seq");
    String table = b.initializer("table", random(random, 1, WORDS.size() + SPECIALS, HIDDEN));
    String embedded = b.node("Gather", table, ids);
    String h0 = layerNorm(b, embedded);
    String bias = maskBias(b, mask);
    List<String> boundaries = new ArrayList<>();
    boundaries.add(h0);
    String hidden = h0;
    for (int layer = 0; layer < POINTS / 2; layer++) {
      hidden = layerNorm(b, b.node("Add", hidden, attention(b, hidden, bias, random)));
      boundaries.add(hidden);
      hidden = layerNorm(b, b.node("Add", hidden, feedForward(b, hidden, random)));
      boundaries.add(hidden);
    }
    String end = b.node("Tanh", hidden);
    b.outputAs(end, Value.of(Backbone.MODEL_OUTPUT, DataType.FLOAT, "batch", "seq", HIDDEN));
    List<ContextTensor> context =
        List.of(new ContextTensor(Value.of(bias, DataType.FLOAT, "batch", 1, "seq"), true));
    return new Backbone(
        "tiny", b.build(), boundaries, context, HIDDEN, 64, List.of(), tokenizer().getBytes(UTF_8));
  }

  /** A text of {@code words} known words. */
  public static String text(Random random, int words) {
    List<String> chosen = new ArrayList<>();
    for (int i = 0; i < words; i++) {
      chosen.add(WORDS.get(random.nextInt(WORDS.size())));
    }
    return String.join(" ", chosen);
  }

  private static String attention(GraphBuilder b, String hidden, String bias, Random random) {
    String query = linear(b, hidden, HIDDEN, HIDDEN, random);
    String key = linear(b, hidden, HIDDEN, HIDDEN, random);
    String value = linear(b, hidden, HIDDEN, HIDDEN, random);
    String turned = b.node("Transpose", List.of(key), Map.of("perm", Attribute.ints(0, 2, 1)));
    String scores = b.node("MatMul", query, turned);
    String scaled = b.node("Mul", scores, b.constant((float) (1 / Math.sqrt(HIDDEN))));
    String masked = b.node("Add", scaled, bias);
    String weights = b.node("Softmax", List.of(masked), Map.of("axis", Attribute.of(-1L)));
    return b.node("MatMul", weights, value);
  }

  private static String feedForward(GraphBuilder b, String hidden, Random random) {
    String wide = linear(b, hidden, HIDDEN, 2 * HIDDEN, random);
    return linear(b, b.node("Relu", wide), 2 * HIDDEN, HIDDEN, random);
  }

  private static String linear(GraphBuilder b, String x, int from, int to, Random random) {
    String weight = b.initializer("weight", random(random, 1 / Math.sqrt(from), from, to));
    return b.node(
        "Add", b.node("MatMul", x, weight), b.initializer("bias", random(random, 0.1, to)));
  }

  private static String layerNorm(GraphBuilder b, String x) {
    float[] ones = new float[HIDDEN];
    java.util.Arrays.fill(ones, 1);
    String scale = b.initializer("scale", TensorData.floats(ones, HIDDEN));
    String shift = b.initializer("shift", TensorData.floats(new float[HIDDEN], HIDDEN));
    return b.node(
        "LayerNormalization", List.of(x, scale, shift), Map.of("axis", Attribute.of(-1L)));
  }

  /** 0 for a token, -10,000 for padding, shape (batch, 1, seq). */
  private static String maskBias(GraphBuilder b, String mask) {
    String floats = b.node("Cast", List.of(mask), Map.of("to", Attribute.of(1L)));
    String hidden = b.node("Sub", b.constant(1f), floats);
    String bias = b.node("Mul", hidden, b.constant(-10_000f));
    return b.node("Unsqueeze", bias, b.constant(1));
  }

  private static TensorData random(Random random, double scale, long... shape) {
    int elements = 1;
    for (long size : shape) {
      elements *= (int) size;
    }
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return TensorData.floats(values, shape);
  }

  private static String tokenizer() {
    StringBuilder vocabulary = new StringBuilder("\"[PAD]\":0,\"[UNK]\":1,\"[CLS]\":2,\"[SEP]\":3");
    for (int i = 0; i < WORDS.size(); i++) {
      vocabulary.append(",\"").append(WORDS.get(i)).append("\":").append(i + SPECIALS);
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
     "model":{"type":"WordLevel","vocab":{%s},"unk_token":"[UNK]"}}
    """
        .formatted(
            String.join(
                ",", added(0, "[PAD]"), added(1, "[UNK]"), added(2, "[CLS]"), added(3, "[SEP]")),
            vocabulary);
  }

  private static String added(int id, String content) {
    return "{\"id\":%d,\"content\":\"%s\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,"
            .formatted(id, content)
        + "\"normalized\":false,\"special\":true}";
  }
}
