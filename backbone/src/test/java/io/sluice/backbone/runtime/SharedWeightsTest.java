package io.sluice.backbone.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Oracle: the same model in a session of its own. */
class SharedWeightsTest {
  private static final int SIZE = 160;
  private static final OnnxRuntime runtime = OnnxRuntime.shared();

  private final int handlesBefore = runtime.openHandles();

  @AfterEach
  void leavesNoHandleOpen() {
    assertThat(runtime.openHandles()).isEqualTo(handlesBefore);
  }

  @Test
  void open_severalOverOneWeight_computeWhatEachAloneDoes() {
    // The products' weight is the same under two names and in two objects; the sums are not.
    Graph first = product("a", values(1, SIZE), 1f);
    Graph second = product("b", values(1, SIZE), 2f);
    Graph other = product("a", values(2, SIZE), 1f);
    try (SharedWeights shared = SharedWeights.on(runtime)) {
      for (Graph graph : List.of(first, second, other, first)) {
        try (OnnxSession one = shared.open(graph, SessionSettings.oneOfMany());
            OnnxSession alone = runtime.open(graph, SessionSettings.defaults())) {
          assertThat(output(one)).isEqualTo(output(alone));
        }
      }
      assertThat(shared.sizeBytes()).isEqualTo(2L * SIZE * SIZE * Float.BYTES);
      assertThat(shared.whyNot()).isNull();
    }
  }

  @Test
  void close_ofOneSession_leavesTheWeightToTheOthers() {
    Graph graph = product("a", values(1, SIZE), 1f);
    try (SharedWeights shared = SharedWeights.on(runtime);
        OnnxSession stays = shared.open(graph, SessionSettings.oneOfMany())) {
      float[] before = output(stays);
      shared.open(graph, SessionSettings.oneOfMany()).close();
      assertThat(output(stays)).isEqualTo(before);
    }
  }

  @Test
  void open_modelThatIsNone_isRefusedWithTheReason() {
    GraphBuilder b = new GraphBuilder("wrong", 18);
    String x = b.input("x", DataType.FLOAT, "rows", SIZE);
    b.outputAs(b.node("NoSuchOperator", x), Value.of("y", DataType.FLOAT, "rows", SIZE));
    Graph wrong = b.build();
    try (SharedWeights shared = SharedWeights.on(runtime)) {
      assertThatThrownBy(() -> shared.open(wrong, SessionSettings.oneOfMany()))
          .isInstanceOfSatisfying(
              SluiceException.class,
              refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
          .hasMessageContaining("NoSuchOperator");
    }
  }

  @Test
  void open_afterClose_isRefused() {
    SharedWeights shared = SharedWeights.on(runtime);
    shared.close();
    shared.close();
    Graph graph = product("a", values(1, SIZE), 1f);
    assertThatThrownBy(() -> shared.open(graph, SessionSettings.oneOfMany()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("weights: closed (expected: open)");
  }

  private static Graph product(String name, float[] weight, float added) {
    int size = (int) Math.sqrt(weight.length);
    GraphBuilder b = new GraphBuilder("product", 18);
    String x = b.input("x", DataType.FLOAT, "rows", size);
    String product =
        b.node("MatMul", x, b.initializer(name, TensorData.floats(weight, size, size)));
    b.outputAs(
        b.node("Add", product, b.constant(added)), Value.of("y", DataType.FLOAT, "rows", size));
    return b.build();
  }

  private static float[] values(long seed, int size) {
    Random random = new Random(seed);
    float[] values = new float[size * size];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static float[] output(OnnxSession session) {
    try (HostTensor x = HostTensor.floats(runtime, Models.ramp(3 * SIZE), 3, SIZE);
        Results results = session.run(Map.of("x", x), List.of("y"))) {
      return results.get("y").toFloats();
    }
  }
}
