package io.sluice.backbone.form;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneImporter;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.ZooSample;
import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.Device;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import io.sluice.backbone.runtime.SessionSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AttentionFormTest {
  private static final long SEED = 13;
  private static final int LAYERS = 3;
  private static final int ROWS = 2;
  private static final int TOKENS = 5;
  private static final int HEADS = 3;
  private static final int SIZE = 4;
  private static final int WIDTH = HEADS * SIZE;

  /** Attention over turned positions or relative ones, or behind a linear of another form. */
  private static final Set<String> OTHERS =
      Set.of("deberta_v2-script", "gpt2-script", "modernbert-dynamo", "modernbert-script");

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Random random = new Random(SEED);

  static List<Path> models() throws IOException {
    return ZooSample.exports();
  }

  /** The oracle is PyTorch. */
  @ParameterizedTest
  @MethodSource("models")
  void of_everyExport_isFusedWhereItCanBeAndGivesWhatPyTorchGave(Path path) throws IOException {
    String name = path.getFileName().toString().replace(".onnx", "");
    Backbone backbone =
        BackboneImporter.cut(
            name, OnnxFormat.read(path), "{}".getBytes(StandardCharsets.UTF_8), runtime);
    Graph form = ZooSample.joined(backbone, part -> ServingForm.of(part, Device.cuda(0)));
    assertThat(form.nodes().stream().filter(node -> node.op().equals("Attention")))
        .hasSize(OTHERS.contains(name) ? 0 : LAYERS);
    for (ZooSample sample : ZooSample.of(path)) {
      assertThat(sample.relativeError(form, runtime)).as(name).isLessThanOrEqualTo(1e-5);
    }
    assertThat(ServingForm.of(form, Device.cuda(0)).nodes()).isEqualTo(form.nodes());
  }

  /** The oracle is PyTorch. */
  @ParameterizedTest
  @MethodSource("models")
  void ofProducts_everyExport_isFusedWhereItCanBeAndGivesWhatPyTorchGave(Path path)
      throws IOException {
    String name = path.getFileName().toString().replace(".onnx", "");
    Backbone backbone =
        BackboneImporter.cut(
            name, OnnxFormat.read(path), "{}".getBytes(StandardCharsets.UTF_8), runtime);
    Graph form = ZooSample.joined(backbone, ServingForm::of);
    assertThat(form.nodes().stream().filter(node -> node.op().equals("MultiHeadAttention")))
        .hasSize(OTHERS.contains(name) ? 0 : LAYERS);
    for (ZooSample sample : ZooSample.of(path)) {
      assertThat(sample.relativeError(form, runtime)).as(name).isLessThanOrEqualTo(1e-5);
    }
    assertThat(ServingForm.of(form).nodes()).isEqualTo(form.nodes());
  }

  /** As {@link FirstTokenForm} leaves it: queries of fewer tokens than keys. */
  @Test
  void ofProducts_queriesOfAnotherTensor_isLeftAlone() {
    Backbone mini = SluiceMini.load();
    Graph cut = FirstTokenForm.of(mini.block(mini.firstTokenPoint()));
    assertThat(AttentionForm.ofProducts(cut)).isSameAs(cut);
  }

  /** The oracle is the definition, in double. */
  @Test
  void of_keysOfAnotherTensorAndShortMask_isTheFormula() {
    GraphBuilder b = new GraphBuilder("attention", 17);
    String x = b.input("x", DataType.FLOAT, "batch", "seq", WIDTH);
    String z = b.input("z", DataType.FLOAT, "batch", "seq", WIDTH);
    String mask = b.input("mask", DataType.FLOAT, "batch", 1, 1, "seq");
    TensorData bias = floats(WIDTH);
    String query = heads(b, b.node("Add", b.initializer("bias", bias), x), 0, 2, 1, 3);
    String scores = b.node("Div", b.node("MatMul", query, heads(b, z, 0, 2, 3, 1)), b.constant(3f));
    String weights =
        b.node("Softmax", List.of(b.node("Add", mask, scores)), Map.of("axis", Attribute.of(-1L)));
    String mixed = transpose(b, b.node("MatMul", weights, heads(b, z, 0, 2, 1, 3)), 0, 2, 1, 3);
    String y = b.node("Reshape", mixed, b.constant(0L, 0L, WIDTH));
    b.output(y, DataType.FLOAT, "batch", "seq", WIDTH);

    Graph form = AttentionForm.of(b.build());

    assertThat(form.nodes()).anyMatch(node -> node.op().equals("MultiHeadAttention"));
    assertThat(form.nodes()).noneMatch(node -> node.op().equals("Softmax"));
    TensorData xs = floats(ROWS, TOKENS, WIDTH);
    TensorData zs = floats(ROWS, TOKENS, WIDTH);
    float[] absent = new float[ROWS * TOKENS];
    absent[TOKENS - 1] = -1e4f;
    TensorData masks = TensorData.floats(absent, ROWS, 1, 1, TOKENS);
    float[] found = run(form, y, Map.of("x", xs, "z", zs, "mask", masks));
    double[] expected = formula(xs.toFloats(), zs.toFloats(), bias.toFloats(), absent);
    for (int i = 0; i < found.length; i++) {
      assertThat((double) found[i])
          .as("seed %d, element %d", SEED, i)
          .isCloseTo(expected[i], within(1e-5));
    }
  }

  /** A product after the mask is not what the operator computes. */
  @Test
  void of_scaleAfterTheMask_isLeftAlone() {
    GraphBuilder b = new GraphBuilder("attention", 17);
    String x = b.input("x", DataType.FLOAT, "batch", "seq", WIDTH);
    String mask = b.input("mask", DataType.FLOAT, "batch", 1, 1, "seq");
    String product = b.node("MatMul", heads(b, x, 0, 2, 1, 3), heads(b, x, 0, 2, 3, 1));
    String scaled = b.node("Mul", b.node("Add", product, mask), b.constant(0.5f));
    String weights = b.node("Softmax", List.of(scaled), Map.of("axis", Attribute.of(-1L)));
    String mixed = transpose(b, b.node("MatMul", weights, heads(b, x, 0, 2, 1, 3)), 0, 2, 1, 3);
    b.output(
        b.node("Reshape", mixed, b.constant(0L, 0L, WIDTH)), DataType.FLOAT, "batch", "seq", WIDTH);
    Graph graph = b.build();
    assertThat(AttentionForm.of(graph)).isSameAs(graph);
  }

  private static String heads(GraphBuilder b, String x, long... order) {
    return transpose(b, b.node("Reshape", x, b.constant(0L, 0L, HEADS, SIZE)), order);
  }

  private static String transpose(GraphBuilder b, String x, long... order) {
    return b.node("Transpose", List.of(x), Map.of("perm", Attribute.ints(order)));
  }

  private static double[] formula(float[] x, float[] z, float[] bias, float[] mask) {
    double[] y = new double[x.length];
    for (int row = 0; row < ROWS; row++) {
      for (int head = 0; head < HEADS; head++) {
        for (int from = 0; from < TOKENS; from++) {
          double[] weight = new double[TOKENS];
          double sum = 0;
          for (int to = 0; to < TOKENS; to++) {
            double product = 0;
            for (int i = head * SIZE; i < (head + 1) * SIZE; i++) {
              product += (x[at(row, from, i)] + bias[i]) * (double) z[at(row, to, i)];
            }
            weight[to] = Math.exp(product / 3 + mask[row * TOKENS + to]);
            sum += weight[to];
          }
          for (int to = 0; to < TOKENS; to++) {
            for (int i = head * SIZE; i < (head + 1) * SIZE; i++) {
              y[at(row, from, i)] += weight[to] / sum * z[at(row, to, i)];
            }
          }
        }
      }
    }
    return y;
  }

  private static int at(int row, int token, int i) {
    return (row * TOKENS + token) * WIDTH + i;
  }

  private TensorData floats(long... shape) {
    int size = 1;
    for (long length : shape) {
      size *= Math.toIntExact(length);
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return TensorData.floats(values, shape);
  }

  private float[] run(Graph graph, String output, Map<String, TensorData> values) {
    Map<String, HostTensor> inputs = new HashMap<>();
    values.forEach((name, data) -> inputs.put(name, HostTensor.of(runtime, data)));
    try (OnnxSession session = runtime.open(graph, SessionSettings.defaults());
        Results results = session.run(inputs, List.of(output))) {
      return results.get(output).toFloats();
    } finally {
      inputs.values().forEach(HostTensor::close);
    }
  }
}
