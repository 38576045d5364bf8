package io.sluice.backbone.form;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
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

class LayerNormFormTest {
  private static final long SEED = 11;
  private static final int SIZE = 24;

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Random random = new Random(SEED);

  /** The oracle is the definition, in double. */
  @ParameterizedTest
  @CsvSource({"17,1e-12,true,0", "18,1e-5,true,3", "17,1e-2,false,30"})
  void of_normOfAnInput_isTheFormula(long opset, float epsilon, boolean bias, float shift) {
    Graph graph = norm(opset, epsilon, bias, "batch", "seq", SIZE);
    Graph found = LayerNormForm.of(graph);
    assertThat(found.nodes()).noneMatch(node -> node.is("LayerNormalization"));
    float[] x = values(2 * 3 * SIZE, shift);
    float[] weight = graph.initializer("w").toFloats();
    float[] added = bias ? graph.initializer("b").toFloats() : new float[SIZE];
    float[] y = run(found, x, 2, 3, SIZE);
    for (int row = 0; row < 6; row++) {
      double mean = 0;
      double variance = 0;
      for (int i = 0; i < SIZE; i++) {
        mean += x[row * SIZE + i] / (double) SIZE;
      }
      for (int i = 0; i < SIZE; i++) {
        variance += Math.pow(x[row * SIZE + i] - mean, 2) / SIZE;
      }
      for (int i = 0; i < SIZE; i++) {
        double expected =
            (x[row * SIZE + i] - mean) / Math.sqrt(variance + epsilon) * weight[i] + added[i];
        assertThat((double) y[row * SIZE + i])
            .as("seed %d, row %d, %d", SEED, row, i)
            .isCloseTo(expected, within(2e-5));
      }
    }
  }

  @Test
  void of_laterNodesWithNamesOfOperators_keepThem() {
    GraphBuilder b = new GraphBuilder("norms", 18);
    String x = b.input("x", DataType.FLOAT, "batch", "seq", SIZE);
    String y = b.node("LayerNormalization", x, weight(b, "w"));
    String difference = b.node("Sub", y, b.node("ReduceMean", y, b.constant(-1L)));
    b.output(difference, DataType.FLOAT, "batch", "seq", SIZE);
    Graph graph = b.build();
    float[] values = values(2 * 3 * SIZE, 0);
    assertThat(run(LayerNormForm.of(graph), values, 2, 3, SIZE))
        .containsExactly(run(graph, values, 2, 3, SIZE), within(1e-5f));
  }

  @Test
  void of_twoOrFourAxes_isLeftAlone() {
    Graph two = norm(17, 1e-5f, true, "rows", SIZE);
    Graph four = norm(17, 1e-5f, true, "batch", "heads", "seq", SIZE);
    assertThat(LayerNormForm.of(two)).isSameAs(two);
    assertThat(LayerNormForm.of(four)).isSameAs(four);
  }

  @Test
  void of_meanWantedToo_isLeftAlone() {
    GraphBuilder b = new GraphBuilder("norm", 17);
    String x = b.input("x", DataType.FLOAT, "batch", "seq", SIZE);
    List<String> made = b.node("", "LayerNormalization", List.of(x, weight(b, "w")), 2, Map.of());
    b.output(made.get(0), DataType.FLOAT, "batch", "seq", SIZE);
    b.output(made.get(1), DataType.FLOAT, "batch", "seq", 1);
    Graph graph = b.build();
    assertThat(LayerNormForm.of(graph)).isSameAs(graph);
  }

  /** ONNX Runtime makes one operator of those two, which is better still. */
  @Test
  void of_normOfASumNobodyElseReads_isLeftAlone() {
    GraphBuilder b = new GraphBuilder("norm", 17);
    String x = b.input("x", DataType.FLOAT, "batch", "seq", SIZE);
    String z = b.input("z", DataType.FLOAT, "batch", "seq", SIZE);
    String y = b.node("LayerNormalization", b.node("Add", x, z), weight(b, "w"));
    b.output(y, DataType.FLOAT, "batch", "seq", SIZE);
    Graph graph = b.build();
    assertThat(LayerNormForm.of(graph)).isSameAs(graph);
  }

  @Test
  void of_everyBlockOfSluiceMini_hasNoSlowNormLeft() {
    var backbone = SluiceMini.load();
    for (int k = 1; k <= backbone.points(); k++) {
      assertThat(LayerNormForm.of(backbone.block(k)).nodes())
          .noneMatch(node -> node.is("LayerNormalization"));
    }
    Graph epilogue = requireNonNull(backbone.epilogue());
    assertThat(LayerNormForm.of(epilogue).nodes()).noneMatch(node -> node.is("LayerNormalization"));
  }

  private Graph norm(long opset, float epsilon, boolean bias, Object... dims) {
    GraphBuilder b = new GraphBuilder("norm", opset);
    String x = b.input("x", DataType.FLOAT, dims);
    List<String> inputs =
        bias ? List.of(x, weight(b, "w"), weight(b, "b")) : List.of(x, weight(b, "w"));
    String y = b.node("LayerNormalization", inputs, Map.of("epsilon", Attribute.of(epsilon)));
    b.output(y, DataType.FLOAT, dims);
    return b.build();
  }

  private String weight(GraphBuilder b, String name) {
    return b.initializer(name, TensorData.floats(values(SIZE, 1), SIZE));
  }

  private float[] values(int count, float shift) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (shift + random.nextGaussian());
    }
    return values;
  }

  private float[] run(Graph graph, float[] x, long... shape) {
    String output = graph.outputs().get(0).name();
    try (HostTensor input = HostTensor.floats(runtime, x, shape);
        OnnxSession session = runtime.open(graph, SessionSettings.defaults());
        Results results = session.run(Map.of("x", input), List.of(output))) {
      return results.get(output).toFloats();
    }
  }
}
