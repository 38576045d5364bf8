package io.sluice.backbone.precision;

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

/** Linears whose input's range is known; the oracle is the formula, in double. */
class InputScaleTest {
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
    ActivationRanges.Range range = range(x);
    Graph rounded = Precision.INT8.apply(graph, ranges(range));
    InputScale constants = InputScale.of(range, List.of(weight()), !normIsReadElsewhere);

    assertThat(rounded.nodes()).noneMatch(node -> node.is("Abs") || node.is("Add"));
    assertThat(rounded.nodes().stream().anyMatch(node -> node.is("Mul")))
        .isEqualTo(normIsReadElsewhere && constants.channels() != null);
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

  /** Channels as unlike as these are worth a pass; channels alike are not. */
  @ParameterizedTest
  @ValueSource(floats = {1, 30})
  void of_dividingThatTakesAPass_isDoneWhereItIsWorthIt(float outlier) {
    float[] highest = new float[INNER];
    float[] lowest = new float[INNER];
    Arrays.fill(highest, 1);
    highest[3] = outlier;
    Arrays.fill(lowest, -1);
    ActivationRanges.Range range = new ActivationRanges.Range(lowest, highest);
    InputScale scale = InputScale.of(range, List.of(weight()), false);
    assertThat(scale.channels() != null).isEqualTo(outlier > 1);
    assertThat(InputScale.of(range, List.of(weight()), true).channels()).isNotNull();
  }

  @Test
  void apply_valuesHardlyBelowZero_areRoundedFromAFloorUpwards() {
    GraphBuilder builder = new GraphBuilder("linear", 17);
    String x = builder.input("x", DataType.FLOAT, "rows", (long) INNER);
    String product = builder.node("MatMul", x, builder.initializer("weight", weight()));
    builder.identity(product, "y");
    builder.output("y", DataType.FLOAT, "rows", (long) OUTER);
    float[] values = gaussian(ROWS * INNER, 2);
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.max(-0.17f, values[i]);
    }
    Arrays.fill(values, INNER, 2 * INNER, -0.17f);
    ActivationRanges.Range range =
        new ActivationRanges.Range(new float[] {-0.17f}, new float[] {3});
    float[] found = run(Precision.INT8.apply(builder.build(), ranges(range)), values, "y");
    for (int row = 0; row < ROWS; row++) {
      float most = 0;
      for (int k = 0; k < INNER; k++) {
        most = Math.max(most, values[row * INNER + k]);
      }
      float step = Math.max(most * (1f / 223), 0.17f / 32);
      for (int n = 0; n < OUTER; n++) {
        assertThat(found[row * OUTER + n])
            .as("row %d, channel %d", row, n)
            .isCloseTo((float) formula(values, row, step, n), within(1e-4f));
      }
    }
  }

  @Test
  void apply_valuesBeyondTheRange_areTheLargestThereIs() {
    Graph graph = graph(false);
    float[] tiny = new float[INNER];
    Arrays.fill(tiny, 1e-3f);
    float[] found =
        run(
            Precision.INT8.apply(graph, ranges(new ActivationRanges.Range(negative(tiny), tiny))),
            gaussian(ROWS * INNER, 2),
            "y");
    for (float value : found) {
      assertThat(value).isFinite();
    }
  }

  @Test
  void apply_otherRowsBesideIt_changesNoRow() {
    Graph graph = graph(false);
    float[] x = gaussian(ROWS * INNER, 2);
    Graph rounded = Precision.INT8.apply(graph, ranges(range(x)));
    float[] together = run(rounded, x, "y");
    for (int row = 0; row < ROWS; row++) {
      float[] alone = run(rounded, Arrays.copyOfRange(x, row * INNER, (row + 1) * INNER), "y");
      assertThat(alone).isEqualTo(Arrays.copyOfRange(together, row * OUTER, (row + 1) * OUTER));
    }
  }

  /** The embedded encoder brings its ranges. */
  @Test
  void apply_sluiceMini_looksForTheLargestOfATokenOnlyBehindGelu() {
    var backbone = SluiceMini.load();
    // Attention has two products without a weight in each layer: one a point.
    long products = backbone.whole().nodes().stream().filter(node -> node.is("MatMul")).count();
    assertThat(backbone.ranges().byLinear()).hasSize((int) products - backbone.points());
    long searches = 0;
    for (int k = 1; k <= backbone.points(); k++) {
      Graph block = Precision.INT8.apply(backbone.block(k), backbone.ranges());
      searches += block.nodes().stream().filter(node -> node.is("ReduceMax")).count();
    }
    assertThat(searches).isEqualTo(backbone.points() / 2);
  }

  private double formula(double[] x, InputScale constants, int n) {
    float[] s = constants.channels() == null ? ones() : constants.channels();
    double largest = 0;
    for (int k = 0; k < INNER; k++) {
      largest = Math.max(largest, Math.abs(weight[k * OUTER + n] * s[k]));
    }
    double unit = largest / 127;
    double sum = 0;
    int zero = constants.zeroPoint();
    for (int k = 0; k < INNER; k++) {
      double q = Math.rint(x[k] / s[k] / constants.step());
      double p = Math.rint(weight[k * OUTER + n] * s[k] / unit);
      sum += Math.max(-zero, Math.min(255 - zero, q)) * p;
    }
    return constants.step() * unit * sum + offset[n];
  }

  private double formula(float[] x, int row, float step, int n) {
    double largest = 0;
    for (int k = 0; k < INNER; k++) {
      largest = Math.max(largest, Math.abs(weight[k * OUTER + n]));
    }
    double sum = 0;
    for (int k = 0; k < INNER; k++) {
      sum +=
          Math.rint(x[row * INNER + k] / step) * Math.rint(weight[k * OUTER + n] / largest * 127);
    }
    return step * largest / 127 * sum;
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

  private ActivationRanges.Range range(float[] x) {
    float[] lowest = new float[INNER];
    float[] highest = new float[INNER];
    for (int row = 0; row < ROWS; row++) {
      double[] normed = norm(x, row);
      for (int k = 0; k < INNER; k++) {
        lowest[k] = (float) Math.min(lowest[k], normed[k]);
        highest[k] = (float) Math.max(highest[k], normed[k]);
      }
    }
    return new ActivationRanges.Range(lowest, highest);
  }

  private ActivationRanges ranges(ActivationRanges.Range range) {
    return ActivationRanges.of(Map.of(ActivationRanges.key(weight()), range));
  }

  private TensorData weight() {
    return TensorData.floats(weight, INNER, OUTER);
  }

  private static float[] ones() {
    float[] ones = new float[INNER];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static float[] negative(float[] values) {
    float[] negative = values.clone();
    for (int c = 0; c < negative.length; c++) {
      negative[c] = -values[c];
    }
    return negative;
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
