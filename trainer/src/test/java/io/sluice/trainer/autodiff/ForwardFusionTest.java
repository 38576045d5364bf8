package io.sluice.trainer.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardFusionTest {

  private static final long SEED = 20261124;
  private static final float ROOT_TWO = (float) Math.sqrt(2);

  private final OnnxRuntime runtime = OnnxRuntime.shared();

  @ParameterizedTest
  @ValueSource(strings = {"half last", "half inside", "half first", "by reciprocal"})
  void apply_geluOfErf_isOneNode(String form) {
    Graph graph = graph((b, x) -> gelu(b, x, form));

    Graph fused = ForwardFusion.apply(graph);

    assertThat(fused.nodes()).extracting(Node::op).containsExactly("Gelu");
    assertSameValues(graph, fused);
  }

  @Test
  void apply_geluOfTanh_isOneNode() {
    Graph graph =
        graph(
            (b, x) -> {
              String cube = b.node("Pow", x, b.constant(3f));
              String sum = b.node("Add", x, b.node("Mul", cube, b.constant(0.044715f)));
              String scaled = b.node("Mul", sum, b.constant((float) Math.sqrt(2 / Math.PI)));
              String one = b.node("Add", b.node("Tanh", scaled), b.constant(1f));
              return b.node("Mul", b.node("Mul", x, b.constant(0.5f)), one);
            });

    Graph fused = ForwardFusion.apply(graph);

    assertThat(fused.nodes()).extracting(Node::op).containsExactly("FastGelu");
    assertSameValues(graph, fused);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void apply_layerNormOfPrimitives_isOneNodeWithStatistics(boolean square) {
    Graph graph =
        graph(
            (b, x) -> {
              String centred = b.node("Sub", x, mean(b, x));
              String power =
                  square ? b.node("Mul", centred, centred) : b.node("Pow", centred, b.constant(2f));
              String variance = b.node("Add", mean(b, power), b.constant(1e-5f));
              String normal = b.node("Div", centred, b.node("Sqrt", variance));
              String weight = b.initializer("w", TensorData.floats(new float[] {1, 2, 3, 4}, 4));
              String bias = b.initializer("b", TensorData.floats(new float[] {4, 3, 2, 1}, 4));
              return b.node("Add", b.node("Mul", normal, weight), bias);
            });

    Graph fused = ForwardFusion.apply(graph);

    assertThat(fused.nodes()).extracting(Node::op).containsExactly("LayerNormalization");
    assertThat(fused.nodes().get(0).outputs()).hasSize(3);
    assertSameValues(graph, fused);
  }

  @ParameterizedTest
  @ValueSource(strings = {"before left", "before right", "after", "divided after"})
  void apply_scaledProduct_isOneNode(String where) {
    Graph graph =
        graph(
            (b, x) -> {
              String w = b.initializer("w", TensorData.floats(random(12), 4, 3));
              String quarter = b.constant(0.25f);
              return switch (where) {
                case "before left" -> b.node("MatMul", b.node("Mul", x, quarter), w);
                case "before right" -> b.node("MatMul", x, b.node("Mul", quarter, w));
                case "after" -> b.node("Mul", b.node("MatMul", x, w), quarter);
                default -> b.node("Div", b.node("MatMul", x, w), b.constant(4f));
              };
            });

    Graph fused = ForwardFusion.apply(graph);

    assertThat(fused.nodes()).extracting(Node::op).containsExactly("FusedMatMul");
    assertSameValues(graph, fused);
  }

  @Test
  void apply_innerTensorReadElsewhere_isLeftAlone() {
    GraphBuilder b = new GraphBuilder("test", 17);
    String x = b.input("x", DataType.FLOAT, "batch", 4);
    String erf = b.node("Erf", b.node("Div", x, b.constant(ROOT_TWO)));
    String product = b.node("Mul", x, b.node("Add", erf, b.constant(1f)));
    b.output(b.node("Mul", product, b.constant(0.5f)), DataType.FLOAT, "batch", 4);
    b.output(erf, DataType.FLOAT, "batch", 4);
    Graph graph = b.build();

    assertThat(ForwardFusion.apply(graph).nodes()).isEqualTo(graph.nodes());
  }

  @Test
  void apply_otherConstant_isLeftAlone() {
    Graph graph =
        graph(
            (b, x) -> {
              String erf = b.node("Erf", b.node("Div", x, b.constant(1.5f)));
              String product = b.node("Mul", x, b.node("Add", erf, b.constant(1f)));
              return b.node("Mul", product, b.constant(0.5f));
            });

    assertThat(ForwardFusion.apply(graph).nodes()).isEqualTo(graph.nodes());
  }

  private static String gelu(GraphBuilder b, String x, String form) {
    String half = b.constant(0.5f);
    String inner =
        form.equals("by reciprocal")
            ? b.node("Mul", b.constant(1 / ROOT_TWO), x)
            : b.node("Div", x, b.constant(ROOT_TWO));
    String one = b.node("Add", b.node("Erf", inner), b.constant(1f));
    return switch (form) {
      case "half inside" -> b.node("Mul", x, b.node("Mul", one, half));
      case "half first" -> b.node("Mul", b.node("Mul", x, half), one);
      default -> b.node("Mul", b.node("Mul", x, one), half);
    };
  }

  private static String mean(GraphBuilder b, String x) {
    return b.node("ReduceMean", List.of(x), RuleCase.Body.attributes("axes", new long[] {-1}));
  }

  private static Graph graph(BiFunction<GraphBuilder, String, String> body) {
    GraphBuilder b = new GraphBuilder("test", 17);
    String y = body.apply(b, b.input("x", DataType.FLOAT, "batch", 4));
    b.output(y, DataType.FLOAT, "batch", "columns");
    return b.build();
  }

  private static float[] random(int count) {
    Random random = new Random(SEED);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private void assertSameValues(Graph graph, Graph fused) {
    assertThat(run(fused)).as("seed %d", SEED).containsExactly(run(graph), within(1e-6f));
  }

  private float[] run(Graph graph) {
    String y = graph.outputs().get(0).name();
    SessionSettings plain = SessionSettings.defaults().withLevel(SessionSettings.Optimization.NONE);
    try (OnnxSession session = runtime.open(graph, plain);
        HostTensor x = HostTensor.floats(runtime, random(20), 5, 4);
        Results results = session.run(Map.of("x", x), List.of(y))) {
      return results.get(y).toFloats();
    }
  }
}
