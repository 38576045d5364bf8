package io.sluice.backbone;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.Body;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Writes small random encoders node by node, in the ways exporters differ: normalisation before or
 * after the sublayers, as one operator or in parts, words narrower than the layers and projected,
 * old operator sets, other input names and types, more outputs.
 */
final class TinyEncoder {
  static final int VOCABULARY = 40;
  static final int HIDDEN = 16;
  static final int POSITIONS = 48;
  private static final int HEADS = 2;
  private static final int FEED_FORWARD = 24;
  private static final int FACTORED = 8;

  long opset = 17;
  int layers = 2;
  boolean normFirst;
  boolean normInParts;
  boolean wordsFactored;
  boolean parallelSublayers;
  boolean pooler;
  boolean positionInput;
  boolean computedTargets;
  boolean wordScoresOnly;
  boolean innerStates;
  Branch branch = Branch.NONE;
  String idsName = "input_ids";
  String maskName = "attention_mask";
  DataType inputType = DataType.INT64;
  Object rowsDim = "batch";

  /** What an If around the first sublayer's input looks at. */
  enum Branch {
    NONE,
    SIZES,
    VALUES
  }

  private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(11);
  private GraphBuilder b = new GraphBuilder("tiny", 17);

  Graph build() {
    b = new GraphBuilder("tiny", opset);
    String ids = b.input(idsName, inputType, rowsDim, "seq");
    String mask = b.input(maskName, inputType, rowsDim, "seq");
    String positions =
        positionInput ? b.input("position_ids", inputType, rowsDim, "seq") : countedPositions(ids);
    int width = wordsFactored ? FACTORED : HIDDEN;
    String words = gather(weights(VOCABULARY, width), ids);
    String embedded = b.node("Add", words, gather(weights(POSITIONS, width), positions));
    String hidden = embedded;
    if (wordsFactored) {
      hidden = linear(norm(embedded, width), width, HIDDEN);
    } else if (!normFirst) {
      hidden = norm(embedded);
    }
    hidden = branched(hidden, ids);
    String bias = additiveMask(mask);
    for (int layer = 0; layer < layers; layer++) {
      hidden = parallelSublayers ? parallel(hidden, bias) : sequential(hidden, bias);
    }
    String last = normFirst ? norm(hidden) : hidden;
    if (wordScoresOnly) {
      b.outputAs(
          b.node("MatMul", last, weights(HIDDEN, VOCABULARY)),
          Value.of("logits", DataType.FLOAT, "batch", "seq", VOCABULARY));
      return b.build();
    }
    if (innerStates) {
      b.outputAs(embedded, Value.of("hidden_states.0", DataType.FLOAT, "batch", "seq", width));
    }
    b.outputAs(last, Value.of("hidden_out", DataType.FLOAT, "batch", "seq", HIDDEN));
    if (pooler) {
      String first =
          b.node(
              "Gather",
              List.of(hidden, b.constant(TensorData.scalar(0L))),
              Map.of("axis", Attribute.of(1L)));
      b.outputAs(
          b.node("Tanh", linear(first, HIDDEN, HIDDEN)),
          Value.of("pooled", DataType.FLOAT, "batch", HIDDEN));
    }
    return b.build();
  }

  private String branched(String hidden, String ids) {
    if (branch == Branch.NONE) {
      return hidden;
    }
    String condition =
        branch == Branch.SIZES
            ? b.node("Equal", axis(hidden, 1), axis(ids, 1))
            : b.node(
                "Equal",
                b.node("ReduceMax", List.of(ids), Map.of("keepdims", Attribute.of(0L))),
                b.constant(TensorData.scalar(7L)));
    return b.node(
        "If",
        List.of(condition),
        Map.of(
            "then_branch",
                new Attribute.OfGraph(
                    body("then", Node.of("Identity", List.of(hidden), List.of("kept"), Map.of()))),
            "else_branch",
                new Attribute.OfGraph(
                    body("else", Node.of("Neg", List.of(hidden), List.of("turned"), Map.of())))));
  }

  private static Body body(String name, Node node) {
    return new Body(name, List.of(), node.outputs(), List.of(node), Map.of());
  }

  private String axis(String x, long axis) {
    return b.node("Gather", b.node("Shape", x), b.constant(TensorData.scalar(axis)));
  }

  private String sequential(String hidden, String bias) {
    if (normFirst) {
      String middle = b.node("Add", hidden, attention(norm(hidden), bias));
      return b.node("Add", middle, feedForward(norm(middle)));
    }
    String middle = norm(b.node("Add", attention(hidden, bias), hidden));
    return norm(b.node("Add", feedForward(middle), middle));
  }

  private String parallel(String hidden, String bias) {
    String normed = norm(hidden);
    return b.node("Add", b.node("Add", attention(normed, bias), feedForward(normed)), hidden);
  }

  private String attention(String x, String bias) {
    String query = heads(linear(x, HIDDEN, HIDDEN), 0, 2, 1, 3);
    String key = heads(linear(x, HIDDEN, HIDDEN), 0, 2, 3, 1);
    String value = heads(linear(x, HIDDEN, HIDDEN), 0, 2, 1, 3);
    String scores = b.node("Mul", b.node("MatMul", query, key), b.constant(0.35f));
    String weights =
        b.node("Softmax", List.of(b.node("Add", scores, bias)), Map.of("axis", Attribute.of(3L)));
    String mixed =
        b.node(
            "Transpose",
            List.of(b.node("MatMul", weights, value)),
            Map.of("perm", Attribute.ints(0, 2, 1, 3)));
    return linear(b.node("Reshape", mixed, target(x, HIDDEN)), HIDDEN, HIDDEN);
  }

  private String heads(String x, long... perm) {
    String split = b.node("Reshape", x, target(x, HEADS, HIDDEN / HEADS));
    return b.node("Transpose", List.of(split), Map.of("perm", Attribute.ints(perm)));
  }

  /** The shape (batch, seq, sizes...), with batch and seq measured or taken over from the input. */
  private String target(String x, int... sizes) {
    List<String> parts = new ArrayList<>();
    if (computedTargets) {
      String shape = b.node("Shape", x);
      parts.add(b.node("Gather", shape, b.constant(0L)));
      parts.add(b.node("Gather", shape, b.constant(1L)));
    } else {
      parts.add(b.constant(0, 0));
    }
    for (int size : sizes) {
      parts.add(b.constant(new long[] {size}));
    }
    return b.node("Concat", parts, Map.of("axis", Attribute.of(0L)));
  }

  private String feedForward(String x) {
    return linear(b.node("Relu", linear(x, HIDDEN, FEED_FORWARD)), FEED_FORWARD, HIDDEN);
  }

  private String linear(String x, int from, int to) {
    return b.node("Add", b.node("MatMul", x, weights(from, to)), vector(to, 0));
  }

  private String norm(String x) {
    return norm(x, HIDDEN);
  }

  private String norm(String x, int size) {
    String scale = vector(size, 1);
    String shift = vector(size, 0);
    if (!normInParts) {
      return b.node(
          "LayerNormalization", List.of(x, scale, shift), Map.of("axis", Attribute.of(-1L)));
    }
    Map<String, Attribute> lastAxis = Map.of("axes", Attribute.ints(-1));
    String centred = b.node("Sub", x, b.node("ReduceMean", List.of(x), lastAxis));
    String variance =
        b.node("ReduceMean", List.of(b.node("Pow", centred, b.constant(2f))), lastAxis);
    String deviation = b.node("Sqrt", b.node("Add", variance, b.constant(1e-5f)));
    return b.node("Add", b.node("Mul", b.node("Div", centred, deviation), scale), shift);
  }

  private String additiveMask(String mask) {
    String wide =
        opset < 13
            ? b.node("Unsqueeze", List.of(mask), Map.of("axes", Attribute.ints(1, 2)))
            : b.node("Unsqueeze", mask, b.constant(1, 2));
    String kept =
        b.node("Cast", List.of(wide), Map.of("to", Attribute.of((long) DataType.FLOAT.onnxCode())));
    return b.node("Mul", b.node("Sub", b.constant(1f), kept), b.constant(-10000f));
  }

  private String countedPositions(String ids) {
    String seq = b.node("Gather", b.node("Shape", ids), b.constant(TensorData.scalar(1L)));
    return b.node(
        "Range", b.constant(TensorData.scalar(0L)), seq, b.constant(TensorData.scalar(1L)));
  }

  private String gather(String table, String ids) {
    return b.node("Gather", table, ids);
  }

  private String weights(int rows, int columns) {
    return b.initializer("weight", TensorData.floats(values(rows * columns, 0), rows, columns));
  }

  private String vector(int size, float around) {
    return b.initializer("vector", TensorData.floats(values(size, around), size));
  }

  private float[] values(int count, float around) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = around + (float) random.nextGaussian() * 0.3f;
    }
    return values;
  }
}
