package io.sluice.backbone;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import org.junit.jupiter.api.Test;

class Float16WeightsTest {
  private static final int SIZE = 128;

  @Test
  void pack_exactValues_areHalvedAndComeBackBitForBit() {
    float[] values = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      values[i] = (i - 64) / 32f;
    }
    values[0] = -0f;
    values[1] = Float.POSITIVE_INFINITY;
    values[2] = 0x1p-24f;
    Graph graph = graph(values);

    Graph packed = Float16Weights.pack(graph);

    assertThat(packed.initializerBytes()).isEqualTo(graph.initializerBytes() / 2);
    assertThat(packed.initializers().values()).allMatch(data -> data.type() == DataType.FLOAT16);
    assertThat(Float16Weights.expand(packed)).isEqualTo(graph);
  }

  @Test
  void pack_oneValueThatWouldChange_staysFloat32() {
    float[] values = new float[SIZE];
    values[SIZE - 1] = 1f / 3;
    Graph graph = graph(values);
    assertThat(Float16Weights.pack(graph)).isEqualTo(graph);
  }

  private static Graph graph(float[] values) {
    GraphBuilder b = new GraphBuilder("g", 17);
    String x = b.input("x", DataType.FLOAT, SIZE);
    String sum = b.node("Add", x, b.initializer("w", TensorData.floats(values, SIZE)));
    b.output(sum, DataType.FLOAT, SIZE);
    return b.build();
  }
}
