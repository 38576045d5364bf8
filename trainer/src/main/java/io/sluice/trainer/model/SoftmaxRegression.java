package io.sluice.trainer.model;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.SessionSettings;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;

/**
 * Logits and the loss gradient of a linear map over all rows at once. The map is one flat array:
 * weights (width, labels), row-major, then bias (labels). Confined to one thread.
 */
final class SoftmaxRegression implements AutoCloseable {
  private static final String FEATURES = "features"; // (rows, width)
  private static final String TARGETS = "targets"; // (rows, labels), rows summing to 1 / rows
  private static final String WEIGHTS = "weights"; // (width, labels)
  private static final String BIAS = "bias"; // (labels)
  private static final String LOGITS = "logits"; // (rows, labels)
  private static final String WEIGHT_GRADIENT = "weight_gradient";
  private static final String BIAS_GRADIENT = "bias_gradient";

  private final OnnxRuntime runtime;
  private final int labels;
  private final OnnxSession session;
  private final FloatBuffer map;
  private final FloatBuffer gradient;
  private final HostTensor weights;
  private final HostTensor bias;
  private final HostTensor weightGradient;
  private final HostTensor biasGradient;

  SoftmaxRegression(OnnxRuntime runtime, int width, int labels) {
    this.runtime = runtime;
    this.labels = labels;
    session = runtime.open(graph(width, labels), SessionSettings.defaults());
    int size = (width + 1) * labels;
    map = DirectBuffers.floats(size);
    gradient = DirectBuffers.floats(size);
    weights = HostTensor.floats(runtime, map.slice(0, width * labels), width, labels);
    bias = HostTensor.floats(runtime, map.slice(width * labels, labels), labels);
    weightGradient = HostTensor.floats(runtime, gradient.slice(0, width * labels), width, labels);
    biasGradient = HostTensor.floats(runtime, gradient.slice(width * labels, labels), labels);
  }

  /** Targets of rows, (rows, labels): 1 / rows at the row's label. */
  HostTensor targets(int[] rowLabels) {
    FloatBuffer values = DirectBuffers.floats((long) rowLabels.length * labels);
    for (int row = 0; row < rowLabels.length; row++) {
      values.put(row * labels + rowLabels[row], 1f / rowLabels.length);
    }
    return HostTensor.floats(runtime, values, rowLabels.length, labels);
  }

  /** Gradient of the mean cross-entropy. */
  void gradient(HostTensor features, HostTensor targets, float[] values, float[] into) {
    map.duplicate().put(values);
    session.run(
        inputs(features, targets),
        Map.of(WEIGHT_GRADIENT, weightGradient, BIAS_GRADIENT, biasGradient));
    gradient.duplicate().get(into);
  }

  /** Logits (rows, labels). */
  float[][] logits(HostTensor features, HostTensor targets, float[] values) {
    map.duplicate().put(values);
    int rows = (int) features.shape()[0];
    FloatBuffer memory = DirectBuffers.floats((long) rows * labels);
    try (HostTensor made = HostTensor.floats(runtime, memory, rows, labels)) {
      session.run(inputs(features, targets), Map.of(LOGITS, made));
    }
    float[][] logits = new float[rows][labels];
    for (float[] row : logits) {
      memory.get(row);
    }
    return logits;
  }

  private Map<String, HostTensor> inputs(HostTensor features, HostTensor targets) {
    return Map.of(FEATURES, features, TARGETS, targets, WEIGHTS, weights, BIAS, bias);
  }

  /** d loss / d logits = softmax(logits) * weight of the row - targets. */
  private static Graph graph(long width, long labels) {
    GraphBuilder graph = new GraphBuilder("softmax_regression", 18);
    String features = graph.input(FEATURES, DataType.FLOAT, "rows", width);
    String targets = graph.input(TARGETS, DataType.FLOAT, "rows", labels);
    String weights = graph.input(WEIGHTS, DataType.FLOAT, width, labels);
    String bias = graph.input(BIAS, DataType.FLOAT, labels);
    String logits = graph.node("Add", graph.node("MatMul", features, weights), bias);
    String softmax = graph.node("Softmax", List.of(logits), Map.of("axis", Attribute.of(-1L)));
    String rowWeight =
        graph.node(
            "ReduceSum",
            List.of(targets, graph.constant(1L)),
            Map.of("keepdims", Attribute.of(1L)));
    String slope = graph.node("Sub", graph.node("Mul", softmax, rowWeight), targets);
    String weightGradient =
        graph.node("Gemm", List.of(features, slope), Map.of("transA", Attribute.of(1L)));
    String biasGradient =
        graph.node(
            "ReduceSum", List.of(slope, graph.constant(0L)), Map.of("keepdims", Attribute.of(0L)));
    output(graph, logits, LOGITS, "rows", labels);
    output(graph, weightGradient, WEIGHT_GRADIENT, width, labels);
    output(graph, biasGradient, BIAS_GRADIENT, labels);
    return graph.build();
  }

  private static void output(GraphBuilder graph, String tensor, String name, Object... dims) {
    graph.outputAs(tensor, Value.of(name, DataType.FLOAT, dims));
  }

  @Override
  public void close() {
    session.close();
    weights.close();
    bias.close();
    weightGradient.close();
    biasGradient.close();
  }
}
