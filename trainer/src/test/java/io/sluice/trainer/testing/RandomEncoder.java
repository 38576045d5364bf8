package io.sluice.trainer.testing;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ContextTensor;
import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A small post-norm transformer encoder of random weights, as exporters write one: word and
 * position tables, attention of two heads, Gelu as a chain from Erf. Its weights are named after
 * their place: {@code layer0.q}, {@code layer0.q.b}.
 */
public final class RandomEncoder {
  public static final int HIDDEN = 12;
  public static final int HEADS = 2;
  public static final int LAYERS = 2;
  public static final float EPSILON = 1e-5f;
  private static final int INNER = 20;
  private static final int WORDS = 11;
  private static final int POSITIONS = 16;
  private static final long OPSET = 17;

  private final GraphBuilder graph = new GraphBuilder("random", OPSET);
  private final Random random;

  private RandomEncoder(long seed) {
    random = new Random(seed);
  }

  public static Backbone make(long seed) {
    return new RandomEncoder(seed).build();
  }

  private Backbone build() {
    String ids = graph.input("input_ids", DataType.INT64, "batch", "seq");
    String mask = graph.input("attention_mask", DataType.INT64, "batch", "seq");
    String real = cast(graph.node("Unsqueeze", mask, graph.constant(1L, 2L)));
    String absent = graph.node("Sub", graph.constant(1f), real);
    String bias = graph.identity(graph.node("Mul", absent, graph.constant(-1e4f)), "mask_bias");
    List<String> boundaries = new ArrayList<>();
    String sum =
        graph.node("Add", graph.node("Gather", weight("word", WORDS, HIDDEN), ids), place(ids));
    String h = graph.identity(norm(sum, "norm0"), "boundary0");
    boundaries.add(h);
    for (int layer = 0; layer < LAYERS; layer++) {
      String name = "layer" + layer + ".";
      String attended = norm(graph.node("Add", h, attention(h, bias, name)), name + "norm1");
      h = graph.identity(attended, "boundary" + (2 * layer + 1));
      boundaries.add(h);
      String fed = norm(graph.node("Add", h, feedForward(h, name)), name + "norm2");
      boolean last = layer == LAYERS - 1;
      h = graph.identity(fed, last ? Backbone.MODEL_OUTPUT : "boundary" + (2 * layer + 2));
      boundaries.add(h);
    }
    graph.output(Value.of(Backbone.MODEL_OUTPUT, DataType.FLOAT, "batch", "seq", HIDDEN));
    ContextTensor context =
        new ContextTensor(Value.of("mask_bias", DataType.FLOAT, "batch", 1, 1, "seq"), true);
    byte[] tokenizer = "{}".getBytes(StandardCharsets.UTF_8);
    return new Backbone(
        "random",
        graph.build(),
        boundaries,
        List.of(context),
        HIDDEN,
        POSITIONS,
        List.of(),
        tokenizer);
  }

  /** The rows of the position table from the first on. */
  private String place(String ids) {
    String length = graph.node("Gather", graph.node("Shape", ids), graph.constant(1L));
    return graph.node(
        "Slice",
        weight("position", POSITIONS, HIDDEN),
        graph.constant(0L),
        length,
        graph.constant(0L));
  }

  private String attention(String h, String bias, String name) {
    String query = heads(linear(h, name + "q", HIDDEN, HIDDEN), 0, 2, 1, 3);
    String key = heads(linear(h, name + "k", HIDDEN, HIDDEN), 0, 2, 3, 1);
    String value = heads(linear(h, name + "v", HIDDEN, HIDDEN), 0, 2, 1, 3);
    float scale = (float) (1 / Math.sqrt((double) HIDDEN / HEADS));
    String scaled = graph.node("Mul", graph.node("MatMul", query, key), graph.constant(scale));
    String softmax =
        graph.node(
            "Softmax", List.of(graph.node("Add", scaled, bias)), Map.of("axis", Attribute.of(-1L)));
    String mixed = transpose(graph.node("MatMul", softmax, value), 0, 2, 1, 3);
    String joined = graph.node("Reshape", mixed, graph.constant(0L, 0L, HIDDEN));
    return linear(joined, name + "o", HIDDEN, HIDDEN);
  }

  private String heads(String x, long... order) {
    String split = graph.constant(0L, 0L, HEADS, HIDDEN / HEADS);
    return transpose(graph.node("Reshape", x, split), order);
  }

  private String feedForward(String h, String name) {
    String x = linear(h, name + "in", HIDDEN, INNER);
    String erf = graph.node("Erf", graph.node("Div", x, graph.constant((float) Math.sqrt(2))));
    String product = graph.node("Mul", x, graph.node("Add", erf, graph.constant(1f)));
    return linear(graph.node("Mul", product, graph.constant(0.5f)), name + "out", INNER, HIDDEN);
  }

  private String linear(String x, String name, int in, int out) {
    return graph.node(
        "Add", graph.node("MatMul", x, weight(name, in, out)), weight(name + ".b", out));
  }

  private String norm(String x, String name) {
    return graph.node(
        "LayerNormalization",
        List.of(x, weight(name + ".w", HIDDEN), weight(name + ".b", HIDDEN)),
        Map.of("epsilon", Attribute.of(EPSILON)));
  }

  private String transpose(String x, long... order) {
    return graph.node("Transpose", List.of(x), Map.of("perm", Attribute.ints(order)));
  }

  private String cast(String x) {
    return graph.node(
        "Cast", List.of(x), Map.of("to", Attribute.of((long) DataType.FLOAT.onnxCode())));
  }

  /** Norm weights about one, everything else about zero. */
  private String weight(String name, long... shape) {
    int size = 1;
    for (long length : shape) {
      size *= Math.toIntExact(length);
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      double middle = name.contains("norm") && name.endsWith(".w") ? 1 : 0;
      values[i] = (float) (middle + 0.4 * random.nextGaussian());
    }
    return graph.initializer(name, TensorData.floats(values, shape));
  }
}
