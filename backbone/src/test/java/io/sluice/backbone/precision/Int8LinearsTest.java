package io.sluice.backbone.precision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import io.sluice.backbone.runtime.SessionSettings;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Int8LinearsTest {
  private static final OnnxRuntime RUNTIME = OnnxRuntime.shared();
  private static final int INNER = 48;
  private static final int OUTER = 20;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void of_oneLinear_computesTheFormula(long seed) {
    Random random = new Random(seed);
    float[] weight = gaussian(random, INNER * OUTER, 0.05f);
    float[] x = gaussian(random, 7 * INNER, 1);
    Arrays.fill(x, 2 * INNER, 3 * INNER, 0);
    float[] found = run(rounded(linear(weight)), x, 7);
    for (int row = 0; row < 7; row++) {
      for (int n = 0; n < OUTER; n++) {
        assertThat(found[row * OUTER + n])
            .as("seed %d, row %d, channel %d", seed, row, n)
            .isCloseTo(formula(x, row, weight, n), within(1e-5f));
      }
    }
  }

  @Test
  void of_oneLinear_isCloseToFloat() {
    Random random = new Random(4);
    float[] weight = gaussian(random, INNER * OUTER, 0.05f);
    float[] x = gaussian(random, 64 * INNER, 1);
    assertThat(relativeError(run(rounded(linear(weight)), x, 64), run(linear(weight), x, 64)))
        .isLessThan(0.015)
        .isGreaterThan(1e-4);
  }

  @Test
  void of_rowWithOutlier_doesNotTouchTheOthers() {
    Random random = new Random(5);
    Graph graph = rounded(linear(gaussian(random, INNER * OUTER, 0.05f)));
    float[] x = gaussian(random, 3 * INNER, 1);
    float[] before = run(graph, x, 3);
    x[INNER + 3] = 1e4f;
    float[] after = run(graph, x, 3);
    for (int row : new int[] {0, 2}) {
      for (int n = 0; n < OUTER; n++) {
        assertThat(after[row * OUTER + n]).isEqualTo(before[row * OUTER + n]);
      }
    }
  }

  @Test
  void of_linearsOfOneTensor_shareItsQuantisation() {
    Random random = new Random(6);
    GraphBuilder graph = new GraphBuilder("two", 18);
    String x = graph.input("x", DataType.FLOAT, "rows", (long) INNER);
    String first = matMul(graph, x, random, "first");
    String second = matMul(graph, x, random, "second");
    graph.outputAs(graph.node("Add", first, second), output());
    Graph rewritten = rounded(graph.build());
    assertThat(count(rewritten, "QuantizeLinear")).isEqualTo(1);
    assertThat(count(rewritten, "MatMulIntegerToFloat")).isEqualTo(2);
    assertThat(count(rewritten, "MatMul")).isZero();
    assertThat(rewritten.initializers()).doesNotContainKeys("first", "second");
  }

  @Test
  void of_tensorsCalledAsNewNodesWouldBe_keepTheirNames() {
    Random random = new Random(8);
    GraphBuilder graph = new GraphBuilder("named", 18);
    String x = graph.input("x", DataType.FLOAT, "rows", (long) INNER);
    String product = matMul(graph, x, random, "weight");
    graph.add(Node.of("Neg", List.of(product), List.of("Mul"), Map.of()));
    graph.add(Node.of("Neg", List.of("Mul"), List.of("Mul_1"), Map.of()));
    graph.outputAs("Mul_1", output());
    Graph rewritten = rounded(graph.build());
    assertThat(rewritten.nodes()).anyMatch(node -> node.outputs().contains("Mul_1"));
    assertThat(count(rewritten, "MatMulIntegerToFloat")).isEqualTo(1);
  }

  @Test
  void of_weightReadTwice_staysForTheOtherReader() {
    Random random = new Random(7);
    GraphBuilder graph = new GraphBuilder("tied", 18);
    String x = graph.input("x", DataType.FLOAT, "rows", (long) INNER);
    String tied =
        graph.initializer(
            "tied", TensorData.floats(gaussian(random, INNER * OUTER, 1), INNER, OUTER));
    String sum = graph.node("ReduceSum", tied, graph.constant(new long[] {0}));
    graph.outputAs(graph.node("Add", graph.node("MatMul", x, tied), sum), output());
    Graph rewritten = rounded(graph.build());
    assertThat(rewritten.initializers()).containsKeys("tied", "tied@int8");
  }

  @Test
  void of_oldOpset_isRefused() {
    GraphBuilder graph = new GraphBuilder("old", 12);
    String x = graph.input("x", DataType.FLOAT, "rows", (long) INNER);
    graph.outputAs(graph.node("Abs", x), Value.of("y", DataType.FLOAT, "rows", (long) INNER));
    Graph old = graph.build();
    assertThatThrownBy(() -> rounded(old))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("opset 12 (expected: >= 13)");
  }

  @Test
  void of_sluiceMini_isCloseToFloatAndKeepsRowsApart() {
    Backbone mini = SluiceMini.load();
    Graph whole = mini.whole();
    Graph rewritten = rounded(whole);
    assertThat(count(rewritten, "MatMulIntegerToFloat")).isGreaterThanOrEqualTo(3L * mini.points());
    Random random = new Random(8);
    long[] ids = random.longs(3 * 24, 5, 8000).toArray();
    float[] exact = runModel(whole, ids, 3);
    float[] found = runModel(rewritten, ids, 3);
    double error = relativeError(found, exact);
    System.out.println("int8 sluice-mini: relative error of the hidden states " + error);
    assertThat(error).isLessThan(0.1);

    float[] alone = runModel(rewritten, Arrays.copyOf(ids, 24), 1);
    float[] together = Arrays.copyOf(found, alone.length);
    assertThat(relativeError(alone, together)).isLessThan(1e-3);
  }

  private static float[] runModel(Graph model, long[] ids, int rows) {
    long seq = ids.length / rows;
    long[] ones = new long[ids.length];
    Arrays.fill(ones, 1);
    Map<String, HostTensor> inputs = new HashMap<>();
    try (OnnxSession session = RUNTIME.open(model, SessionSettings.defaults())) {
      for (Value input : model.inputs()) {
        long[] values =
            switch (input.name()) {
              case "input_ids" -> ids;
              case "attention_mask" -> ones;
              default -> new long[ids.length];
            };
        inputs.put(input.name(), HostTensor.longs(RUNTIME, values, rows, seq));
      }
      try (Results results = session.run(inputs, List.of(Backbone.MODEL_OUTPUT))) {
        return results.get(Backbone.MODEL_OUTPUT).toFloats();
      }
    } finally {
      inputs.values().forEach(HostTensor::close);
    }
  }

  private static float[] run(Graph graph, float[] x, int rows) {
    try (OnnxSession session = RUNTIME.open(graph, SessionSettings.defaults());
        HostTensor input = HostTensor.floats(RUNTIME, x, rows, INNER);
        Results results = session.run(Map.of("x", input), List.of("y"))) {
      return results.get("y").toFloats();
    }
  }

  private static Graph linear(float[] weight) {
    GraphBuilder graph = new GraphBuilder("linear", 18);
    String x = graph.input("x", DataType.FLOAT, "rows", (long) INNER);
    String w = graph.initializer("w", TensorData.floats(weight, INNER, OUTER));
    graph.outputAs(graph.node("MatMul", x, w), output());
    return graph.build();
  }

  private static String matMul(GraphBuilder graph, String x, Random random, String name) {
    TensorData weight = TensorData.floats(gaussian(random, INNER * OUTER, 1), INNER, OUTER);
    return graph.node("MatMul", x, graph.initializer(name, weight));
  }

  private static Value output() {
    return Value.of("y", DataType.FLOAT, "rows", (long) OUTER);
  }

  /** The class's formula, in the order of its definition. */
  private static float formula(float[] x, int row, float[] weight, int n) {
    float largest = 1e-10f;
    float largestWeight = 1e-10f;
    for (int k = 0; k < INNER; k++) {
      largest = Math.max(largest, Math.abs(x[row * INNER + k]));
      largestWeight = Math.max(largestWeight, Math.abs(weight[k * OUTER + n]));
    }
    float a = largest * (1f / 127);
    float b = largestWeight / 127;
    long sum = 0;
    for (int k = 0; k < INNER; k++) {
      sum += (long) Math.rint(x[row * INNER + k] / a) * (long) Math.rint(weight[k * OUTER + n] / b);
    }
    return a * b * sum;
  }

  private static long count(Graph graph, String op) {
    return graph.nodes().stream().filter(node -> node.op().equals(op)).count();
  }

  private static double relativeError(float[] found, float[] expected) {
    double error = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.pow((double) found[i] - expected[i], 2);
      size += Math.pow(expected[i], 2);
    }
    return Math.sqrt(error / size);
  }

  private static float[] gaussian(Random random, int count, float deviation) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian() * deviation;
    }
    return values;
  }

  private static Graph rounded(Graph graph) {
    return Precision.INT8.apply(graph, ActivationRanges.none());
  }
}
