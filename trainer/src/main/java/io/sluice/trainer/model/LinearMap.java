package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.trainer.autodiff.Backward;
import io.sluice.trainer.autodiff.TensorFacts;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Logits, the loss and its gradient of a linear map over all rows at once. The map is one flat
 * array: weights (width, labels), row-major, then bias (labels). Confined to one thread.
 */
final class LinearMap implements AutoCloseable {
  private static final String FEATURES = "features"; // (rows, width)
  private static final String WEIGHTS = "weights"; // (width, labels)
  private static final String BIAS = "bias"; // (labels)
  private static final String WEIGHT_GRADIENT = "weight_gradient";
  private static final String BIAS_GRADIENT = "bias_gradient";

  private final OnnxRuntime runtime;
  private final LinearHead head;
  private final OnnxSession session;
  private final FloatBuffer map;
  private final FloatBuffer gradient;
  private final HostTensor weights;
  private final HostTensor bias;
  private final HostTensor loss;
  private final Map<String, HostTensor> gradients;

  /**
   * A map of features of that width that answers and learns as a head does.
   *
   * @param head its pooling is the features' affair
   */
  LinearMap(OnnxRuntime runtime, int width, LinearHead head) {
    this.runtime = runtime;
    this.head = head;
    session = runtime.open(graph(width), SessionSettings.defaults());
    int labels = head.labels();
    int size = (width + 1) * labels;
    map = DirectBuffers.floats(size);
    gradient = DirectBuffers.floats(size);
    weights = HostTensor.floats(runtime, map.slice(0, width * labels), width, labels);
    bias = HostTensor.floats(runtime, map.slice(width * labels, labels), labels);
    loss = HostTensor.floats(runtime, DirectBuffers.floats(1));
    gradients =
        Map.of(
            WEIGHT_GRADIENT,
            HostTensor.floats(runtime, gradient.slice(0, width * labels), width, labels),
            BIAS_GRADIENT,
            HostTensor.floats(runtime, gradient.slice(width * labels, labels), labels));
  }

  /** Targets of all rows as a tensor. */
  HostTensor targets(Targets of) {
    int[] rows = IntStream.range(0, of.size()).toArray();
    long[] shape = of.shape(rows.length, head.labels(), 1);
    int size = 1;
    for (long axis : shape) {
      size = Math.toIntExact(size * axis);
    }
    FloatBuffer values = DirectBuffers.floats(size);
    of.write(rows, head.labels(), 1, 0, values);
    return HostTensor.floats(runtime, values, shape);
  }

  /** Gradient of the mean loss. */
  void gradient(HostTensor features, HostTensor targets, float[] values, float[] into) {
    map.duplicate().put(values);
    session.run(inputs(features, targets), gradients);
    gradient.duplicate().get(into);
  }

  /** Logits (rows, labels) and the mean loss. */
  Answers answers(HostTensor features, HostTensor targets, float[] values) {
    map.duplicate().put(values);
    int rows = (int) features.shape()[0];
    FloatBuffer memory = DirectBuffers.floats((long) rows * head.labels());
    try (HostTensor made = HostTensor.floats(runtime, memory, rows, head.labels())) {
      session.run(inputs(features, targets), Map.of(Tensors.LOGITS, made, Tensors.LOSS, loss));
    }
    float[][] logits = new float[rows][head.labels()];
    for (float[] row : logits) {
      memory.get(row);
    }
    return new Answers(logits, loss.floats().get(0));
  }

  /** What the rows were answered with, and what that costs. */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  record Answers(float[][] logits, double loss) {}

  private Map<String, HostTensor> inputs(HostTensor features, HostTensor targets) {
    return Map.of(FEATURES, features, Tensors.TARGETS, targets, WEIGHTS, weights, BIAS, bias);
  }

  private Graph graph(long width) {
    GraphBuilder graph = new GraphBuilder("linear_map", 18);
    String features = graph.input(FEATURES, DataType.FLOAT, "batch", width);
    String targets = graph.input(head.targets());
    Map<String, String> leaves = new LinkedHashMap<>();
    leaves.put(
        LinearHead.WEIGHTS, graph.input(WEIGHTS, DataType.FLOAT, width, (long) head.labels()));
    leaves.put(LinearHead.BIAS, graph.input(BIAS, DataType.FLOAT, (long) head.labels()));
    String scores = head.scores(graph, features, null, leaves);
    String loss = head.loss().emit(graph, scores, targets);
    Graph forward = graph.build();
    Map<String, String> made =
        Backward.gradients(
            graph, forward, loss, Set.of(WEIGHTS, BIAS), TensorFacts.probe(forward, runtime));
    head.outputs(graph, scores);
    graph.outputAs(loss, Value.of(Tensors.LOSS, DataType.FLOAT));
    output(graph, made.get(WEIGHTS), WEIGHT_GRADIENT, width, (long) head.labels());
    output(graph, made.get(BIAS), BIAS_GRADIENT, (long) head.labels());
    return graph.build();
  }

  private static void output(
      GraphBuilder graph, @Nullable String tensor, String name, Object... dims) {
    graph.outputAs(requireNonNull(tensor, name), Value.of(name, DataType.FLOAT, dims));
  }

  @Override
  public void close() {
    session.close();
    weights.close();
    bias.close();
    loss.close();
    gradients.values().forEach(HostTensor::close);
  }
}
