package io.sluice.backbone.precision;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import io.sluice.backbone.runtime.SessionSettings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Linears behind layer norms whose range is known; the oracle is the formula, in double. */
class NormScaleTest {
  private static final OnnxRuntime RUNTIME = OnnxRuntime.shared();
  private static final int ROWS = 7;
  private static final int INNER = 48;
  private static final int OUTER = 20;

  private final Random random = new Random(3);
  private final float[] scale = gaussian(INNER, 1);
  private final float[] bias = gaussian(INNER, 0.5f);
  private final float[] weight = gaussian(INNER * OUTER, 0.05f);
  private final float[] offset = gaussian(OUTER, 1);

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void apply_linearBehindANorm_computesTheFormula(boolean normIsReadElsewhere) {
    Graph graph = graph(normIsReadElsewhere);
    float[] x = gaussian(ROWS * INNER, 2);
    float[] largest = largest(x);
    Graph rounded = Precision.INT8.apply(graph, ranges(graph, largest));
    NormScale constants = NormScale.of(largest, List.of(TensorData.floats(weight, INNER, OUTER)));

    assertThat(rounded.nodes()).noneMatch(node -> node.is("Abs") || node.is("Add"));
    assertThat(rounded.nodes().stream().anyMatch(node -> node.is("Mul")))
        .isEqualTo(normIsReadElsewhere);
    float[] found = run(rounded, x, "y");
    for (int row = 0; row < ROWS; row++) {
      for (int n = 0; n < OUTER; n++) {
        assertThat(found[row * OUTER + n])
            .as("row %d, channel %d", row, n)
            .isCloseTo((float) formula(norm(x, row), constants, n), within(1e-4f));
      }
    }
    if (normIsReadElsewhere) {
      assertThat(run(rounded, x, "normed")).isEqualTo(run(graph, x, "normed"));
    }
  }

  @Test
  void apply_valuesBeyondTheRange_areTheLargestThereIs() {
    Graph graph = graph(false);
    float[] tiny = new float[INNER];
    Arrays.fill(tiny, 1e-3f);
    float[] found =
        run(Precision.INT8.apply(graph, ranges(graph, tiny)), gaussian(ROWS * INNER, 2), "y");
    for (float value : found) {
      assertThat(value).isFinite();
    }
  }

  @Test
  void apply_otherRowsBesideIt_changesNoRow() {
    Graph graph = graph(false);
    float[] x = gaussian(ROWS * INNER, 2);
    Graph rounded = Precision.INT8.apply(graph, ranges(graph, largest(x)));
    float[] together = run(rounded, x, "y");
    for (int row = 0; row < ROWS; row++) {
      float[] alone = run(rounded, Arrays.copyOfRange(x, row * INNER, (row + 1) * INNER), "y");
      assertThat(alone).isEqualTo(Arrays.copyOfRange(together, row * OUTER, (row + 1) * OUTER));
    }
  }

  /** The embedded encoder brings its ranges: all norms but that of the embeddings are used. */
  @Test
  void apply_sluiceMini_looksForTheLargestOfATokenOnlyBehindAttentionAndGelu() {
    var backbone = SluiceMini.load();
    assertThat(backbone.ranges().largest()).hasSize(26);
    long searches = 0;
    for (int k = 1; k <= backbone.points(); k++) {
      Graph block = Precision.INT8.apply(backbone.block(k), backbone.ranges());
      searches += block.nodes().stream().filter(node -> node.is("ReduceMax")).count();
    }
    assertThat(searches).isEqualTo(backbone.points());
  }

  private double formula(double[] x, NormScale constants, int n) {
    double largest = 0;
    for (int k = 0; k < INNER; k++) {
      largest = Math.max(largest, Math.abs(weight[k * OUTER + n] * constants.channels()[k]));
    }
    double unit = largest / 127;
    double sum = 0;
    for (int k = 0; k < INNER; k++) {
      double q = Math.rint(x[k] / constants.channels()[k] / constants.step());
      double p = Math.rint(weight[k * OUTER + n] * constants.channels()[k] / unit);
      sum += Math.max(-128, Math.min(127, q)) * p;
    }
    return constants.step() * unit * sum + offset[n];
  }

  private double[] norm(float[] x, int row) {
    double mean = 0;
    for (int k = 0; k < INNER; k++) {
      mean += x[row * INNER + k] / (double) INNER;
    }
    double variance = 0;
    for (int k = 0; k < INNER; k++) {
      variance += Math.pow(x[row * INNER + k] - mean, 2) / INNER;
    }
    double[] normed = new double[INNER];
    for (int k = 0; k < INNER; k++) {
      normed[k] = (x[row * INNER + k] - mean) / Math.sqrt(variance + 1e-5) * scale[k] + bias[k];
    }
    return normed;
  }

  private float[] largest(float[] x) {
    float[] largest = new float[INNER];
    for (int row = 0; row < ROWS; row++) {
      double[] normed = norm(x, row);
      for (int k = 0; k < INNER; k++) {
        largest[k] = (float) Math.max(largest[k], Math.abs(normed[k]));
      }
    }
    return largest;
  }

  private static ActivationRanges ranges(Graph graph, float[] largest) {
    Node norm = requireNonNull(graph.producers().get("normed"));
    return ActivationRanges.of(Map.of(requireNonNull(ActivationRanges.key(graph, norm)), largest));
  }

  private Graph graph(boolean normIsReadElsewhere) {
    GraphBuilder graph = new GraphBuilder("linear", 17);
    String x = graph.input("x", DataType.FLOAT, "rows", (long) INNER);
    graph.add(
        Node.of(
            "LayerNormalization",
            List.of(
                x,
                graph.initializer("scale", TensorData.floats(scale, INNER)),
                graph.initializer("bias", TensorData.floats(bias, INNER))),
            List.of("normed"),
            Map.of("axis", Attribute.of(-1L))));
    String product =
        graph.node(
            "MatMul",
            "normed",
            graph.initializer("weight", TensorData.floats(weight, INNER, OUTER)));
    String sum =
        graph.node("Add", graph.initializer("offset", TensorData.floats(offset, OUTER)), product);
    graph.identity(sum, "y");
    graph.output("y", DataType.FLOAT, "rows", (long) OUTER);
    if (normIsReadElsewhere) {
      graph.output("normed", DataType.FLOAT, "rows", (long) INNER);
    }
    return graph.build();
  }

  private static float[] run(Graph graph, float[] x, String output) {
    try (OnnxSession session = RUNTIME.open(graph, SessionSettings.defaults());
        HostTensor input = HostTensor.of(RUNTIME, TensorData.floats(x, x.length / INNER, INNER));
        Results results = session.run(Map.of("x", input), List.of(output))) {
      return results.get(output).toFloats();
    }
  }

  private float[] gaussian(int count, float deviation) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian() * deviation;
    }
    return values;
  }
}
