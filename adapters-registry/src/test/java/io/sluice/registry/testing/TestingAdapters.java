package io.sluice.registry.testing;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.registry.bundle.AdapterAbi;
import io.sluice.registry.bundle.Pooling;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Adapter and head graphs with random weights, of the kinds the trainer makes. Stateless. */
public final class TestingAdapters {
  private static final long OPSET = 18;
  private static final String MICROSOFT = "com.microsoft";

  private TestingAdapters() {}

  /** {@code y + W_up gelu(W_down y + b) + c} with weights of about the size {@code scale}. */
  public static Graph sequential(int hidden, int rank, double scale, Random random) {
    return bottleneck(hidden, rank, scale, random, AdapterAbi.BLOCK_OUTPUT);
  }

  /** {@code y + W_up gelu(W_down x + b) + c}. */
  public static Graph parallel(int hidden, int rank, double scale, Random random) {
    return bottleneck(hidden, rank, scale, random, AdapterAbi.BLOCK_INPUT);
  }

  /** {@code y * (1 + s) + t}. */
  public static Graph scaleShift(int hidden, double scale, Random random) {
    GraphBuilder b = new GraphBuilder("scale_shift", OPSET);
    String y = b.input(AdapterAbi.hiddenStates(AdapterAbi.BLOCK_OUTPUT, hidden));
    String scaled = b.node("Mul", y, b.initializer("s", uniform(random, 1, scale, hidden)));
    String shifted = b.node("Add", scaled, b.initializer("t", uniform(random, 0, scale, hidden)));
    b.outputAs(shifted, AdapterAbi.hiddenStates(AdapterAbi.ADAPTED, hidden));
    return b.build();
  }

  /** An adapter that does nothing. */
  public static Graph zeroEffect(int hidden, int rank) {
    return sequential(hidden, rank, 0, new Random(0));
  }

  /** An adapter that adds to each row the mean over all rows of the batch. */
  public static Graph mixing(int hidden) {
    GraphBuilder b = new GraphBuilder("mixing", OPSET);
    String y = b.input(AdapterAbi.hiddenStates(AdapterAbi.BLOCK_OUTPUT, hidden));
    Map<String, Attribute> keep = Map.of("keepdims", Attribute.of(1L));
    String mean = b.node("ReduceMean", List.of(y, b.constant(0L)), keep);
    b.outputAs(b.node("Add", y, mean), AdapterAbi.hiddenStates(AdapterAbi.ADAPTED, hidden));
    return b.build();
  }

  /** A linear layer on the pooled vector. */
  public static Graph linearHead(int hidden, int labels, Pooling pooling, Random random) {
    GraphBuilder b = new GraphBuilder("head", OPSET);
    String states = b.input(AdapterAbi.hiddenStates(AdapterAbi.HIDDEN, hidden));
    String mask = b.input(AdapterAbi.attentionMask());
    String pooled =
        pooling == Pooling.FIRST
            ? b.node("Gather", List.of(states, b.constant(TensorData.scalar(0L))), axis(1))
            : mean(b, states, mask);
    String weight = b.initializer("weight", uniform(random, 0, 1, hidden, labels));
    String product = b.node("MatMul", pooled, weight);
    String logits = b.node("Add", product, b.initializer("bias", uniform(random, 0, 1, labels)));
    b.outputAs(logits, AdapterAbi.logits(labels));
    return b.build();
  }

  /** A start and an end score per token. */
  public static Graph spanHead(int hidden, Random random) {
    GraphBuilder b = new GraphBuilder("head", OPSET);
    String states = b.input(AdapterAbi.hiddenStates(AdapterAbi.HIDDEN, hidden));
    for (String output : List.of(AdapterAbi.START_LOGITS, AdapterAbi.END_LOGITS)) {
      String weight = b.initializer(output + "_weight", uniform(random, 0, 1, hidden, 1));
      String scores = b.node("MatMul", states, weight);
      b.outputAs(b.node("Squeeze", scores, b.constant(2)), AdapterAbi.tokenLogits(output));
    }
    return b.build();
  }

  private static Graph bottleneck(int hidden, int rank, double scale, Random random, String reads) {
    GraphBuilder b = new GraphBuilder("bottleneck", OPSET);
    if (reads.equals(AdapterAbi.BLOCK_INPUT)) {
      b.input(AdapterAbi.hiddenStates(AdapterAbi.BLOCK_INPUT, hidden));
    }
    String y = b.input(AdapterAbi.hiddenStates(AdapterAbi.BLOCK_OUTPUT, hidden));
    String down =
        b.node("MatMul", reads, b.initializer("w_down", uniform(random, 0, 1, hidden, rank)));
    String biased = b.node("Add", down, b.initializer("b", uniform(random, 0, 1, rank)));
    String active = b.node(MICROSOFT, "Gelu", List.of(biased), 1, Map.of()).get(0);
    String up =
        b.node("MatMul", active, b.initializer("w_up", uniform(random, 0, scale, rank, hidden)));
    String shifted = b.node("Add", up, b.initializer("c", uniform(random, 0, scale, hidden)));
    b.outputAs(b.node("Add", y, shifted), AdapterAbi.hiddenStates(AdapterAbi.ADAPTED, hidden));
    return b.build();
  }

  /** Sum of the unmasked vectors over their number. */
  private static String mean(GraphBuilder b, String states, String mask) {
    String ones = b.node("Cast", List.of(mask), Map.of("to", Attribute.of(1L)));
    String weights = b.node("Unsqueeze", ones, b.constant(2));
    String axis = b.constant(1);
    Map<String, Attribute> drop = Map.of("keepdims", Attribute.of(0L));
    String sum = b.node("ReduceSum", List.of(b.node("Mul", states, weights), axis), drop);
    return b.node("Div", sum, b.node("ReduceSum", List.of(weights, axis), drop));
  }

  private static Map<String, Attribute> axis(long axis) {
    return Map.of("axis", Attribute.of(axis));
  }

  private static TensorData uniform(Random random, double centre, double scale, long... shape) {
    long elements = 1;
    for (long size : shape) {
      elements *= size;
    }
    float[] values = new float[Math.toIntExact(elements)];
    double width = scale / Math.sqrt((double) shape[0]);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (centre + width * (2 * random.nextDouble() - 1));
    }
    return TensorData.floats(values, shape);
  }
}
