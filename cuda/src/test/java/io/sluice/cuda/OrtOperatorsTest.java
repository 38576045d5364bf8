package io.sluice.cuda;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
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
import io.sluice.trainer.autodiff.HeadsFusion;
import io.sluice.trainer.autodiff.TensorFacts;
import io.sluice.trainer.autodiff.vjp.Operators;
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
  private static final int SEQUENCES = 2;
  private static final int TOKENS = 5;
  private static final int HEADS = 3;
  private static final int SIZE = 16;
  private static final OnnxRuntime RUNTIME = OnnxRuntime.shared();
  private static final OrtOperators OPERATORS =
      new OrtOperators("CPUExecutionProvider", HostKernels.all());

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
        .containsExactlyInAnyOrder(
            "GeluGradient",
            "LayerNormGradient",
            "LayerNormGradient",
            "SoftmaxGradient",
            "ColumnSum");
    assertThat(graph(Operators.STOCK, false, 3).opsets()).doesNotContainKey(Node.SLUICE);
  }

  @Test
  void graph_joined_hasNoBiasByItself() {
    Graph graph = graph(Operators.DEVICE, true, 3);
    assertThat(graph.nodes().stream().filter(node -> !node.domain().isEmpty()))
        .extracting(Node::op)
        .contains("AddBias", "BiasGelu", "BiasGeluGradient", "SoftmaxGradient")
        .contains("AddBiasLayerNorm", "MaskedSoftmax")
        .doesNotContain("Gelu", "GeluGradient");
    assertThat(graph.nodes()).filteredOn(node -> node.is("Softmax")).isEmpty();
    assertThat(graph.nodes().size())
        .isEqualTo(graph(Operators.DEVICE, false, 3).nodes().size() - 5);
  }

  @Test
  void heads_joined_haveTheSameGradientAndOneProductEachWay() throws OrtException {
    long seed = 12;
    Graph stock = attention(false, seed);
    Graph joined = attention(true, seed);
    assertThat(joined.nodes())
        .extracting(Node::op)
        .contains("SplitHeads", "JoinHeads")
        .doesNotContain("Reshape");
    assertThat(products(stock) - products(joined)).isEqualTo(4);
    float[] x = values(SEQUENCES * TOKENS * COLUMNS, seed);
    float[] expected = run(stock, x, SEQUENCES, TOKENS, COLUMNS);
    float[] found = run(joined, x, SEQUENCES, TOKENS, COLUMNS);
    for (int i = 0; i < x.length; i++) {
      assertThat(found[i]).as("seed %d, %d", seed, i).isCloseTo(expected[i], within(1e-4f));
    }
    assertThat(Math.abs(expected[0])).isGreaterThan(1e-3f);
  }

  @Test
  void pieces_takenApartAndPutTogether_areWhatTheyWere() throws OrtException {
    float[] x = values(ROWS * COLUMNS, 14);
    GraphBuilder graph = new GraphBuilder("pieces", 18);
    String flat =
        graph.node(
            "Reshape",
            graph.input("x", DataType.FLOAT, "rows", (long) COLUMNS),
            graph.constant(new long[] {-1}));
    String table =
        graph.constant(TensorData.floats(new float[] {2, 2, COLUMNS, 1, COLUMNS, 3, 2, 1, 48}, 9));
    List<String> pieces = graph.node(Node.SLUICE, "SplitPieces", List.of(flat, table), 3, Map.of());
    // Only two axes can be turned.
    String turned =
        graph.node("Transpose", List.of(pieces.get(0)), Map.of("perm", Attribute.ints(1, 0)));
    List<String> inputs = List.of(pieces.get(2), turned, pieces.get(1));
    graph.outputAs(
        graph.node(Node.SLUICE, "JoinPieces", inputs, 1, Map.of()).get(0),
        Value.of("y", DataType.FLOAT, "size"));
    float[] found = run(graph.build(), x, ROWS, COLUMNS);
    for (int i = 0; i < 2 * COLUMNS; i++) {
      assertThat(found[i]).isEqualTo(x[3 * COLUMNS + i]);
      assertThat(found[2 * COLUMNS + i]).isEqualTo(x[i % 2 * COLUMNS + i / 2]);
    }
    assertThat(found[4 * COLUMNS]).isEqualTo(x[2 * COLUMNS]);
  }

  private static long products(Graph graph) {
    return graph.nodes().stream().filter(node -> node.op().endsWith("MatMul")).count();
  }

  /** The gradient by x of a sum over attention of its rows to each other, and x. */
  private static Graph attention(boolean joined, long seed) {
    Random random = new Random(seed);
    GraphBuilder graph = new GraphBuilder("attention", 18);
    String x = graph.input("x", DataType.FLOAT, "batch", "seq", (long) COLUMNS);
    String query = heads(graph, x, random, 0, 2, 1, 3);
    String key = heads(graph, x, random, 0, 2, 3, 1);
    String value = heads(graph, x, random, 0, 2, 1, 3);
    String scores = graph.node("Mul", graph.node("MatMul", query, key), graph.constant(0.02f));
    String shares = graph.node("Softmax", List.of(scores), Map.of("axis", Attribute.of(-1L)));
    String mixed = graph.node("MatMul", shares, value);
    String weighed = graph.node("Mul", mixed, graph.constant(random(random, HEADS, 1, SIZE)));
    String own = graph.node("Mul", x, graph.constant(random(random, COLUMNS)));
    Map<String, Attribute> whole = Map.of("keepdims", Attribute.of(0L));
    String loss =
        graph.node(
            "Add",
            graph.node("ReduceSum", List.of(weighed), whole),
            graph.node("ReduceSum", List.of(own), whole));
    Graph forward = graph.build();
    TensorFacts facts = TensorFacts.probe(withOutput(forward, loss), RUNTIME);
    Map<String, String> gradients =
        Backward.gradients(graph, forward, loss, Set.of(x), facts, Operators.STOCK);
    graph.outputAs(
        requireNonNull(gradients.get(x)),
        Value.of("gradient", DataType.FLOAT, "batch", "seq", (long) COLUMNS));
    return joined ? HeadsFusion.apply(graph.build(), facts) : graph.build();
  }

  private static String heads(GraphBuilder graph, String x, Random random, long... order) {
    String split =
        graph.node(
            "Reshape", linear(graph, x, random), graph.constant(new long[] {0, 0, HEADS, SIZE}));
    return graph.node("Transpose", List.of(split), Map.of("perm", Attribute.ints(order)));
  }

  @Test
  void run_ofAKernelThatThrows_failsWithItsWords() {
    GraphBuilder graph = new GraphBuilder("failing", 18);
    String x = graph.input("x", DataType.FLOAT, "rows", (long) COLUMNS);
    String y = graph.node(Node.SLUICE, "Failing", List.of(x), 1, Map.of()).get(0);
    graph.outputAs(y, Value.of("y", DataType.FLOAT, "rows", (long) COLUMNS));
    assertThatThrownBy(() -> run(graph.build(), new float[COLUMNS], 1, COLUMNS))
        .isInstanceOf(OrtException.class)
        .hasMessageContaining("out of luck");
  }

  @Test
  void operators_onAProcessor_areSaidToBeMissing() {
    assertThat(RUNTIME.whyNoDeviceOperators()).contains("expected: a GPU");
  }

  private static float[] gradient(Operators operators, boolean joined, long seed)
      throws OrtException {
    float[] x = values(ROWS * COLUMNS, seed);
    return run(graph(operators, joined, seed), x, ROWS, COLUMNS);
  }

  private static float[] values(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (2 * random.nextGaussian());
    }
    return values;
  }

  /** The gradient by x and a bias of a sum over norms, a Gelu, sums and masked shares. */
  private static Graph graph(Operators operators, boolean joined, long seed) {
    Random random = new Random(seed);
    GraphBuilder graph = new GraphBuilder("chain", 18);
    String x = graph.input("x", DataType.FLOAT, "rows", (long) COLUMNS);
    String b = graph.input("b", DataType.FLOAT, (long) COLUMNS);
    String norm = norm(graph, x, random);
    String map = linear(graph, norm, random);
    String gelu = graph.node(Node.MICROSOFT, "Gelu", List.of(map), 1, Map.of()).get(0);
    String product = graph.node("MatMul", gelu, graph.constant(random(random, COLUMNS, COLUMNS)));
    String sum = graph.node("Add", graph.node("Add", product, b), norm);
    String again = graph.node("Add", linear(graph, sum, random), gelu);
    String heads =
        graph.node("Reshape", norm(graph, again, random), graph.constant(new long[] {-1, 2, 4, 6}));
    String start =
        graph.node("Slice", x, graph.constant(0L), graph.constant(6L), graph.constant(1L));
    String mask = graph.node("Reshape", start, graph.constant(new long[] {-1, 1, 1, 6}));
    String shares =
        graph.node(
            "Softmax", List.of(graph.node("Add", heads, mask)), Map.of("axis", Attribute.of(-1L)));
    String flat = graph.node("Reshape", shares, graph.constant(new long[] {-1, COLUMNS}));
    String loss =
        graph.node(
            "ReduceSum",
            List.of(graph.node("Mul", flat, graph.constant(random(random, COLUMNS)))),
            Map.of("keepdims", Attribute.of(0L)));
    Graph forward = graph.build();
    TensorFacts facts = TensorFacts.probe(withOutput(forward, loss), RUNTIME);
    Map<String, String> gradients =
        Backward.gradients(graph, forward, loss, Set.of(x, b), facts, operators);
    String gradient = requireNonNull(gradients.get(x));
    graph.outputAs(gradient, Value.of("gradient", DataType.FLOAT, "rows", (long) COLUMNS));
    String ofBias = requireNonNull(gradients.get(b));
    graph.outputAs(ofBias, Value.of("bias_gradient", DataType.FLOAT, (long) COLUMNS));
    return joined ? DeviceFusion.apply(graph.build(), facts) : graph.build();
  }

  private static String norm(GraphBuilder graph, String x, Random random) {
    String scale = graph.constant(random(random, COLUMNS));
    List<String> inputs = List.of(x, scale, graph.constant(random(random, COLUMNS)));
    return graph
        .node("", "LayerNormalization", inputs, 3, Map.of("axis", Attribute.of(-1L)))
        .get(0);
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

  private static float[] run(Graph graph, float[] x, long... shape) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      OPERATORS.addTo(options);
      float[] b = values(COLUMNS, 13);
      try (OrtSession session = environment.createSession(OnnxFormat.write(graph), options);
          OnnxTensor input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(x), shape);
          OnnxTensor bias = OnnxTensor.createTensor(environment, b);
          OrtSession.Result result =
              session.run(
                  graph.inputs().size() == 1
                      ? Map.of("x", input)
                      : Map.of("x", input, "b", bias))) {
        FloatBuffer values = FloatBuffer.allocate(x.length + COLUMNS);
        for (Map.Entry<String, OnnxValue> made : result) {
          values.put(((OnnxTensor) made.getValue()).getFloatBuffer());
        }
        return values.array();
      }
    }
  }
}
