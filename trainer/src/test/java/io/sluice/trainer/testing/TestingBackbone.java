package io.sluice.trainer.testing;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ContextTensor;
import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A backbone of a few thousand weights, made on the spot: word embeddings, then blocks that mix
 * tokens (odd) or change each by itself (even). It knows the words w0 to w39.
 */
public final class TestingBackbone {
  public static final int HIDDEN = 8;
  public static final int POINTS = 4;
  public static final int WORDS = 40;
  private static final int INNER = 12;
  private static final long SEED = 77;

  private final Random random = new Random(SEED);
  private final GraphBuilder graph = new GraphBuilder("testing", 18);

  /**
   * Puts w38 in front of a text and w39 behind each: special tokens of words not used otherwise.
   */
  private static final String SPECIAL_TOKENS =
      "{\"type\":\"TemplateProcessing\","
          + "\"single\":[{\"SpecialToken\":{\"id\":\"w38\",\"type_id\":0}},{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},"
          + "{\"SpecialToken\":{\"id\":\"w39\",\"type_id\":0}}],"
          + "\"pair\":[{\"SpecialToken\":{\"id\":\"w38\",\"type_id\":0}},{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},"
          + "{\"SpecialToken\":{\"id\":\"w39\",\"type_id\":0}},{\"Sequence\":{\"id\":\"B\",\"type_id\":1}},"
          + "{\"SpecialToken\":{\"id\":\"w39\",\"type_id\":1}}],"
          + "\"special_tokens\":{\"w38\":{\"id\":\"w38\",\"ids\":[40],\"tokens\":[\"w38\"]},"
          + "\"w39\":{\"id\":\"w39\",\"ids\":[41],\"tokens\":[\"w39\"]}}}";

  private final String postProcessor;

  private TestingBackbone(String postProcessor) {
    this.postProcessor = postProcessor;
  }

  public static Backbone make() {
    return new TestingBackbone("null").build();
  }

  /** One whose tokenizer sets special tokens. */
  public static Backbone makeWithSpecialTokens() {
    return new TestingBackbone(SPECIAL_TOKENS).build();
  }

  /** The word of that number. */
  public static String word(int number) {
    return "w" + number;
  }

  private Backbone build() {
    String ids = graph.input("input_ids", DataType.INT64, "batch", "seq");
    String mask = graph.input("attention_mask", DataType.INT64, "batch", "seq");
    String ones =
        graph.node(
            "Cast", List.of(mask), Map.of("to", Attribute.of((long) DataType.FLOAT.onnxCode())));
    String context = graph.identity(graph.node("Unsqueeze", ones, graph.constant(2L)), "tokens");
    List<String> boundaries = new ArrayList<>();
    String hidden =
        graph.identity(
            graph.node("Gather", weights("embeddings", 1, WORDS + 2, HIDDEN), ids), "boundary0");
    boundaries.add(hidden);
    for (int k = 1; k <= POINTS; k++) {
      String out = graph.node("Add", hidden, k % 2 == 1 ? mix(hidden, context) : change(hidden));
      hidden = graph.identity(out, k == POINTS ? Backbone.MODEL_OUTPUT : "boundary" + k);
      boundaries.add(hidden);
    }
    graph.output(Value.of(Backbone.MODEL_OUTPUT, DataType.FLOAT, "batch", "seq", HIDDEN));
    Graph whole = graph.build();
    List<ContextTensor> contexts =
        List.of(new ContextTensor(Value.of("tokens", DataType.FLOAT, "batch", "seq", 1), true));
    return new Backbone("testing", whole, boundaries, contexts, HIDDEN, 64, List.of(), tokenizer());
  }

  private String mix(String hidden, String tokens) {
    String axis = graph.constant(1L);
    Map<String, Attribute> keep = Map.of("keepdims", Attribute.of(1L));
    String sum = graph.node("ReduceSum", List.of(graph.node("Mul", hidden, tokens), axis), keep);
    String mean = graph.node("Div", sum, graph.node("ReduceSum", List.of(tokens, axis), keep));
    String mixed = graph.node("Mul", hidden, mean);
    return graph.node("Tanh", graph.node("MatMul", mixed, weights("mix", 2, HIDDEN, HIDDEN)));
  }

  private String change(String hidden) {
    String inner =
        graph.node("Tanh", graph.node("MatMul", hidden, weights("inner", 2, HIDDEN, INNER)));
    return graph.node("MatMul", inner, weights("outer", 1, INNER, HIDDEN));
  }

  private String weights(String name, double scale, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (scale * random.nextGaussian() / Math.sqrt(HIDDEN));
    }
    return graph.initializer(name, TensorData.floats(values, rows, columns));
  }

  private byte[] tokenizer() {
    StringBuilder vocabulary = new StringBuilder("\"[PAD]\":0,\"[UNK]\":1");
    for (int i = 0; i < WORDS; i++) {
      vocabulary.append(",\"").append(word(i)).append("\":").append(i + 2);
    }
    String json =
        "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[],\"normalizer\":null,"
            + "\"pre_tokenizer\":{\"type\":\"Whitespace\"},\"post_processor\":"
            + postProcessor
            + ",\"decoder\":null,"
            + "\"model\":{\"type\":\"WordLevel\",\"vocab\":{"
            + vocabulary
            + "},\"unk_token\":\"[UNK]\"}}";
    return json.getBytes(StandardCharsets.UTF_8);
  }
}
