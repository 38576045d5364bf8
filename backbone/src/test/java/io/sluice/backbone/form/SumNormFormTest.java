package io.sluice.backbone.form;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import io.sluice.backbone.runtime.SessionSettings;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SumNormFormTest {
  private static final long SEED = 17;
  private static final int ROWS = 2;
  private static final int TOKENS = 3;
  private static final int SIZE = 24;
  private static final float EPSILON = 1e-3f;

  @SuppressWarnings("ArrayRecordComponent")
  private record Found(float[] norm, float[] sum) {}

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Random random = new Random(SEED);

  /** The oracle is the definition, in double. */
  @ParameterizedTest
  @CsvSource({"true,true,true", "true,false,false", "false,true,false", "false,false,true"})
  void of_sumOfAProductThatOthersRead_isTheFormulaAndTheSum(
      boolean vector, boolean beta, boolean productFirst) {
    TensorData matrix = floats(0, SIZE, SIZE);
    TensorData shift = floats(0, SIZE);
    TensorData weight = floats(1, SIZE);
    TensorData added = floats(0, SIZE);
    GraphBuilder b = new GraphBuilder("sum", 17);
    String x = b.input("x", DataType.FLOAT, "batch", "seq", SIZE);
    String z = b.input("z", DataType.FLOAT, "batch", "seq", SIZE);
    String product = b.node("MatMul", x, b.initializer("matrix", matrix));
    if (vector) {
      product = b.node("Add", b.initializer("shift", shift), product);
    }
    String sum = productFirst ? b.node("Add", product, z) : b.node("Add", z, product);
    String w = b.initializer("w", weight);
    List<String> inputs = beta ? List.of(sum, w, b.initializer("b", added)) : List.of(sum, w);
    String norm = b.node("LayerNormalization", inputs, Map.of("epsilon", Attribute.of(EPSILON)));
    b.output(norm, DataType.FLOAT, "batch", "seq", SIZE);
    b.output(sum, DataType.FLOAT, "batch", "seq", SIZE);

    Graph form = SumNormForm.of(b.build());

    assertThat(form.nodes()).extracting(node -> node.op()).doesNotContain("Add");
    assertThat(form.nodes()).noneMatch(node -> node.is("LayerNormalization"));
    TensorData xs = floats(0, ROWS, TOKENS, SIZE);
    TensorData zs = floats(1, ROWS, TOKENS, SIZE);
    Found found = run(form, xs, zs);
    for (int token = 0; token < ROWS * TOKENS; token++) {
      double[] s = new double[SIZE];
      double mean = 0;
      for (int i = 0; i < SIZE; i++) {
        s[i] = zs.toFloats()[token * SIZE + i] + (vector ? shift.toFloats()[i] : 0);
        for (int k = 0; k < SIZE; k++) {
          s[i] += (double) xs.toFloats()[token * SIZE + k] * matrix.toFloats()[k * SIZE + i];
        }
        mean += s[i] / SIZE;
      }
      double variance = 0;
      for (double value : s) {
        variance += Math.pow(value - mean, 2) / SIZE;
      }
      for (int i = 0; i < SIZE; i++) {
        double expected =
            (s[i] - mean) / Math.sqrt(variance + EPSILON) * weight.toFloats()[i]
                + (beta ? added.toFloats()[i] : 0);
        String where = "seed " + SEED + ", token " + token + ", " + i;
        assertThat((double) found.norm()[token * SIZE + i])
            .as(where)
            .isCloseTo(expected, within(2e-5));
        assertThat((double) found.sum()[token * SIZE + i]).as(where).isCloseTo(s[i], within(2e-5));
      }
    }
    assertThat(SumNormForm.of(form)).isSameAs(form);
  }

  /** ONNX Runtime joins those two itself. */
  @Test
  void of_sumNobodyElseReads_isLeftAlone() {
    Graph graph = sum(true, "batch");
    assertThat(SumNormForm.of(graph)).isSameAs(graph);
  }

  /** Both sides may broadcast. */
  @Test
  void of_sumOfNoProduct_isLeftAlone() {
    Graph graph = sum(false, 1);
    assertThat(SumNormForm.of(graph)).isSameAs(graph);
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FP32", "INT8"})
  void of_bodyOfSluiceMini_leavesTheFirstNormOnly(Precision precision) {
    Backbone mini = SluiceMini.load();
    Graph body = precision.apply(mini.span(1, mini.points()), mini.ranges());
    assertThat(SumNormForm.of(body).nodes())
        .filteredOn(node -> node.is("LayerNormalization"))
        .hasSize(1);
  }

  private Graph sum(boolean product, Object rows) {
    GraphBuilder b = new GraphBuilder("sum", 17);
    String x = b.input("x", DataType.FLOAT, "batch", "seq", SIZE);
    String z = b.input("z", DataType.FLOAT, rows, "seq", SIZE);
    String matrix = b.initializer("matrix", floats(0, SIZE, SIZE));
    String sum = b.node("Add", product ? b.node("MatMul", x, matrix) : x, z);
    String norm = b.node("LayerNormalization", sum, b.initializer("w", floats(1, SIZE)));
    b.output(norm, DataType.FLOAT, "batch", "seq", SIZE);
    if (!product) {
      b.output(sum, DataType.FLOAT, "batch", "seq", SIZE);
    }
    return b.build();
  }

  private TensorData floats(float shift, int... shape) {
    int count = 1;
    long[] dims = new long[shape.length];
    for (int i = 0; i < shape.length; i++) {
      count *= shape[i];
      dims[i] = shape[i];
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (shift + random.nextGaussian());
    }
    return TensorData.floats(values, dims);
  }

  private Found run(Graph graph, TensorData xs, TensorData zs) {
    List<String> wanted = graph.outputs().stream().map(output -> output.name()).toList();
    try (HostTensor x = HostTensor.of(runtime, xs);
        HostTensor z = HostTensor.of(runtime, zs);
        OnnxSession session = runtime.open(graph, SessionSettings.defaults());
        Results results = session.run(Map.of("x", x, "z", z), wanted)) {
      return new Found(
          results.get(wanted.get(0)).toFloats(), results.get(wanted.get(1)).toFloats());
    }
  }
}
