package io.sluice.trainer.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.graph.Attribute;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerNormLoweringTest {
  private static final long SEED = 8;
  private static final List<String> OUTPUTS = List.of("y", "mean", "inverse");

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Random random = new Random(SEED);

  /** The oracle is the kernel. */
  @ParameterizedTest
  @ValueSource(longs = {17, 18})
  void apply_allOutputs_areThoseOfTheKernel(long opset) {
    Graph graph = graph(opset, true);
    Graph lowered = LayerNormLowering.apply(graph);
    assertThat(lowered.nodes()).noneMatch(node -> node.is("LayerNormalization"));
    float[] x = gaussian(2 * 3 * 8);
    Map<String, float[]> expected = run(graph, x);
    Map<String, float[]> found = run(lowered, x);
    for (String output : OUTPUTS) {
      assertThat(found.get(output))
          .as("%s, seed %d", output, SEED)
          .containsExactly(expected.get(output), within(2e-5f));
    }
  }

  @Test
  void apply_noBias_isTheKernel() {
    Graph graph = graph(18, false);
    float[] x = gaussian(2 * 3 * 8);
    assertThat(run(LayerNormLowering.apply(graph), x).get("y"))
        .containsExactly(run(graph, x).get("y"), within(2e-5f));
  }

  private Graph graph(long opset, boolean bias) {
    GraphBuilder b = new GraphBuilder("norm", opset);
    b.input("x", DataType.FLOAT, "batch", "seq", 8);
    List<String> inputs =
        bias ? List.of("x", weight(b, "w"), weight(b, "bias")) : List.of("x", weight(b, "w"));
    b.add(
        new Node(
            "",
            "LayerNormalization",
            "",
            inputs,
            OUTPUTS,
            Map.of("axis", Attribute.of(-1L), "epsilon", Attribute.of(1e-3f))));
    b.output(Value.of("y", DataType.FLOAT, "batch", "seq", 8));
    b.output(Value.of("mean", DataType.FLOAT, "batch", "seq", 1));
    b.output(Value.of("inverse", DataType.FLOAT, "batch", "seq", 1));
    return b.build();
  }

  private String weight(GraphBuilder b, String name) {
    return b.initializer(name, TensorData.floats(gaussian(8), 8));
  }

  private float[] gaussian(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (1 + random.nextGaussian());
    }
    return values;
  }

  private Map<String, float[]> run(Graph graph, float[] x) {
    Map<String, float[]> found = new HashMap<>();
    try (HostTensor input = HostTensor.floats(runtime, x, 2, 3, 8);
        OnnxSession session = runtime.open(graph, SessionSettings.defaults());
        Results results = session.run(Map.of("x", input), OUTPUTS)) {
      OUTPUTS.forEach(name -> found.put(name, results.get(name).toFloats()));
    }
    return found;
  }
}
