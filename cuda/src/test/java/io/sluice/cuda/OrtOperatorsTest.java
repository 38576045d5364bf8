package io.sluice.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.autodiff.Backward;
import io.sluice.trainer.autodiff.DeviceFusion;
import io.sluice.trainer.autodiff.TensorFacts;
import io.sluice.trainer.autodiff.vjp.Operators;
import java.lang.foreign.MemorySegment;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The operators computed by Java on the processor: what they mean, and how they are called. */
@NullMarked
class OrtOperatorsTest {
  private static final int ROWS = 5;
  private static final int COLUMNS = 48;
  private static final OnnxRuntime RUNTIME = OnnxRuntime.shared();
  private static final OrtOperators OPERATORS =
      new OrtOperators(
          "CPUExecutionProvider",
          List.of(
              new Kernel("GeluGradient", 2, (in, shape, out, stream) -> gelu(in, shape, out)),
              new Kernel("BiasGeluGradient", 3, (in, shape, out, stream) -> gelu(in, shape, out)),
              new Kernel("AddBias", 3, (in, shape, out, stream) -> sum(in, shape, out)),
              new Kernel("LayerNormGradient", 5, (in, shape, out, stream) -> norm(in, shape, out)),
              new Kernel("SoftmaxGradient", 2, (in, shape, out, stream) -> softmax(in, shape, out)),
              new Kernel(
                  "Failing",
                  1,
                  (in, shape, out, stream) -> {
                    throw new IllegalStateException("out of luck");
                  })));

  @Test
  void gradient_inTheDevicesOperators_isThatInStockOnes() throws OrtException {
    long seed = 11;
    float[] stock = gradient(Operators.STOCK, false, seed);
    double largest = 0;
    for (float value : stock) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(largest).isGreaterThan(0.01);
    for (boolean joined : new boolean[] {false, true}) {
      float[] device = gradient(Operators.DEVICE, joined, seed);
      for (int i = 0; i < stock.length; i++) {
        assertThat((double) device[i])
            .as("seed %d, joined %s, %d", seed, joined, i)
            .isCloseTo(stock[i], within(2e-5 * largest));
      }
    }
  }

  @Test
  void gradient_inTheDevicesOperators_hasOneForEach() {
    Graph graph = graph(Operators.DEVICE, false, 3);
    assertThat(graph.nodes().stream().filter(node -> node.domain().equals(Node.SLUICE)))
        .extracting(Node::op)
        .containsExactlyInAnyOrder("GeluGradient", "LayerNormGradient", "SoftmaxGradient");
    assertThat(graph(Operators.STOCK, false, 3).opsets()).doesNotContainKey(Node.SLUICE);
  }

  @Test
  void graph_joined_hasNoBiasByItself() {
    Graph graph = graph(Operators.DEVICE, true, 3);
    assertThat(graph.nodes().stream().filter(node -> !node.domain().isEmpty()))
        .extracting(Node::op)
        .contains("AddBias", "BiasGelu", "BiasGeluGradient", "SoftmaxGradient")
        .doesNotContain("Gelu", "GeluGradient");
    assertThat(graph.nodes().size())
        .isEqualTo(graph(Operators.DEVICE, false, 3).nodes().size() - 2);
  }

  @Test
  void run_ofAKernelThatThrows_failsWithItsWords() {
    GraphBuilder graph = new GraphBuilder("failing", 18);
    String x = graph.input("x", DataType.FLOAT, "rows", (long) COLUMNS);
    String y = graph.node(Node.SLUICE, "Failing", List.of(x), 1, Map.of()).get(0);
    graph.outputAs(y, Value.of("y", DataType.FLOAT, "rows", (long) COLUMNS));
    assertThatThrownBy(() -> run(graph.build(), new float[COLUMNS], 1))
        .isInstanceOf(OrtException.class)
        .hasMessageContaining("out of luck");
  }

  @Test
  void operators_onAProcessor_areSaidToBeMissing() {
    assertThat(RUNTIME.whyNoDeviceOperators()).contains("expected: a GPU");
  }

  private static float[] gradient(Operators operators, boolean joined, long seed)
      throws OrtException {
    float[] x = new float[ROWS * COLUMNS];
    Random random = new Random(seed);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (2 * random.nextGaussian());
    }
    return run(graph(operators, joined, seed), x, ROWS);
  }

  /** The gradient by x of a sum over a norm, a Gelu and shares. */
  private static Graph graph(Operators operators, boolean joined, long seed) {
    Random random = new Random(seed);
    GraphBuilder graph = new GraphBuilder("chain", 18);
    String x = graph.input("x", DataType.FLOAT, "rows", (long) COLUMNS);
    String scale = graph.constant(random(random, COLUMNS));
    String norm =
        graph
            .node(
                "",
                "LayerNormalization",
                List.of(x, scale, graph.constant(random(random, COLUMNS))),
                3,
                Map.of("axis", Attribute.of(-1L)))
            .get(0);
    String map = linear(graph, norm, random);
    String gelu = graph.node(Node.MICROSOFT, "Gelu", List.of(map), 1, Map.of()).get(0);
    String sum = graph.node("Add", linear(graph, gelu, random), norm);
    String shares = graph.node("Softmax", List.of(sum), Map.of("axis", Attribute.of(-1L)));
    String loss =
        graph.node(
            "ReduceSum",
            List.of(graph.node("Mul", shares, graph.constant(random(random, COLUMNS)))),
            Map.of("keepdims", Attribute.of(0L)));
    Graph forward = graph.build();
    TensorFacts facts = TensorFacts.probe(withOutput(forward, loss), RUNTIME);
    Map<String, String> gradients =
        Backward.gradients(graph, forward, loss, Set.of(x), facts, operators);
    String gradient = requireNonNull(gradients.get(x));
    graph.outputAs(gradient, Value.of("gradient", DataType.FLOAT, "rows", (long) COLUMNS));
    return joined ? DeviceFusion.apply(graph.build(), facts) : graph.build();
  }

  private static String linear(GraphBuilder graph, String x, Random random) {
    String product = graph.node("MatMul", x, graph.constant(random(random, COLUMNS, COLUMNS)));
    return graph.node("Add", product, graph.constant(random(random, COLUMNS)));
  }

  private static Graph withOutput(Graph graph, String loss) {
    return new Graph(
        graph.name(),
        graph.opsets(),
        graph.inputs(),
        List.of(Value.of(loss, DataType.FLOAT)),
        graph.nodes(),
        graph.initializers());
  }

  private static TensorData random(Random random, long... shape) {
    float[] values = new float[(int) OrtKernelCalls.elements(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return TensorData.floats(values, shape);
  }

  private static float[] run(Graph graph, float[] x, int rows) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      OPERATORS.addTo(options);
      try (OrtSession session = environment.createSession(OnnxFormat.write(graph), options);
          OnnxTensor input =
              OnnxTensor.createTensor(
                  environment, FloatBuffer.wrap(x), new long[] {rows, COLUMNS});
          OrtSession.Result result = session.run(Map.of("x", input))) {
        OnnxTensor made = (OnnxTensor) result.get(0);
        float[] values = new float[x.length];
        made.getFloatBuffer().get(values);
        return values;
      }
    }
  }

  private static void gelu(List<MemorySegment> in, long[] shape, MemorySegment out) {
    long count = OrtKernelCalls.elements(shape);
    for (long i = 0; i < count; i++) {
      double u = at(in, 1, i, count);
      if (in.size() == 3) {
        u += at(in, 2, i % shape[shape.length - 1], shape[shape.length - 1]);
      }
      double slope = normal(u) + u * Math.exp(-u * u / 2) / Math.sqrt(2 * Math.PI);
      put(out, i, count, at(in, 0, i, count) * slope);
    }
  }

  private static void sum(List<MemorySegment> in, long[] shape, MemorySegment out) {
    long count = OrtKernelCalls.elements(shape);
    for (long i = 0; i < count; i++) {
      double bias = at(in, 2, i % shape[shape.length - 1], shape[shape.length - 1]);
      put(out, i, count, at(in, 0, i, count) + at(in, 1, i, count) + bias);
    }
  }

  private static void norm(List<MemorySegment> in, long[] shape, MemorySegment out) {
    long count = OrtKernelCalls.elements(shape);
    long columns = shape[shape.length - 1];
    long rows = count / columns;
    for (long row = 0; row < rows; row++) {
      double mean = at(in, 3, row, rows);
      double inverse = at(in, 4, row, rows);
      double level = 0;
      double slope = 0;
      for (long i = row * columns; i < (row + 1) * columns; i++) {
        double h = at(in, 0, i, count) * at(in, 2, i - row * columns, columns);
        level += h / columns;
        slope += h * (at(in, 1, i, count) - mean) * inverse / columns;
      }
      for (long i = row * columns; i < (row + 1) * columns; i++) {
        double h = at(in, 0, i, count) * at(in, 2, i - row * columns, columns);
        double n = (at(in, 1, i, count) - mean) * inverse;
        put(out, i, count, inverse * (h - level - n * slope));
      }
    }
  }

  private static void softmax(List<MemorySegment> in, long[] shape, MemorySegment out) {
    long count = OrtKernelCalls.elements(shape);
    long columns = shape[shape.length - 1];
    for (long row = 0; row < count; row += columns) {
      double sum = 0;
      for (long i = row; i < row + columns; i++) {
        sum += at(in, 0, i, count) * at(in, 1, i, count);
      }
      for (long i = row; i < row + columns; i++) {
        put(out, i, count, at(in, 1, i, count) * (at(in, 0, i, count) - sum));
      }
    }
  }

  /** The normal distribution, by Simpson's rule from 0 on. */
  private static double normal(double u) {
    int steps = 400;
    double step = u / steps;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
      double x = i * step;
      sum += (i == 0 || i == steps ? 1 : i % 2 == 0 ? 2 : 4) * Math.exp(-x * x / 2);
    }
    return 0.5 + sum * step / 3 / Math.sqrt(2 * Math.PI);
  }

  @SuppressWarnings("restricted") // memory of ONNX Runtime
  private static double at(List<MemorySegment> in, int input, long index, long count) {
    return in.get(input).reinterpret(count * Float.BYTES).getAtIndex(JAVA_FLOAT, index);
  }

  @SuppressWarnings("restricted") // memory of ONNX Runtime
  private static void put(MemorySegment out, long index, long count, double value) {
    out.reinterpret(count * Float.BYTES).setAtIndex(JAVA_FLOAT, index, (float) value);
  }
}
