package io.sluice.backbone.runtime;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.util.List;
import java.util.Map;

/** Small models whose results are known in closed form. */
final class Models {
  private Models() {}

  /** {@code y = 2 x + 1}, {@code sum} over axis 1; x (batch, 3). */
  static Graph affine() {
    GraphBuilder b = new GraphBuilder("affine", 18);
    String x = b.input("x", DataType.FLOAT, "batch", 3);
    String y =
        b.node("Add", b.node("Mul", x, b.initializer("w", TensorData.scalar(2f))), b.constant(1f));
    b.outputAs(y, Value.of("y", DataType.FLOAT, "batch", 3));
    b.outputAs(
        b.node(
            "ReduceSum",
            List.of(y, b.constant(new long[] {1})),
            Map.of("keepdims", Attribute.of(0))),
        Value.of("sum", DataType.FLOAT, "batch"));
    return b.build();
  }

  /**
   * {@code times} matrix products of a (n, n) input with itself scaled to stay small: work that
   * takes a while.
   */
  static Graph heavy(int times) {
    GraphBuilder b = new GraphBuilder("heavy", 18);
    String x = b.input("x", DataType.FLOAT, "n", "n");
    String y = x;
    for (int i = 0; i < times; i++) {
      y = b.node("Tanh", b.node("MatMul", y, x));
    }
    b.outputAs(y, Value.of("y", DataType.FLOAT, "n", "n"));
    return b.build();
  }

  static float[] ramp(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    return values;
  }
}
