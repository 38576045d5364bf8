package io.sluice.trainer.autodiff.oracle;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes the operations as an exporter does: single operators, Gelu as a chain from Erf, axes
 * symbolic.
 */
final class OnnxAlgebra implements Algebra<String> {

  final GraphBuilder b = new GraphBuilder("encoder", 17);
  private final Set<String> fed;
  private final Map<String, float[]> values;

  /**
   * Opens a graph.
   *
   * @param fed parameters that are inputs; the others are initializers
   */
  OnnxAlgebra(Set<String> fed, Map<String, float[]> values) {
    this.fed = fed;
    this.values = values;
  }

  @Override
  public String parameter(String name, long... shape) {
    if (fed.contains(name)) {
      Object[] dims = Arrays.stream(shape).boxed().toArray();
      if (name.equals("x") || name.equals("mask")) {
        dims[0] = "batch";
        dims[name.equals("x") ? 1 : 3] = "seq";
      }
      return b.input(name, DataType.FLOAT, dims);
    }
    return b.initializer(name, TensorData.floats(values.getOrDefault(name, new float[0]), shape));
  }

  @Override
  public String matMul(String x, String y) {
    return b.node("MatMul", x, y);
  }

  @Override
  public String add(String x, String y) {
    return b.node("Add", x, y);
  }

  @Override
  public String mul(String x, String y) {
    return b.node("Mul", x, y);
  }

  @Override
  public String scale(String x, double factor) {
    return b.node("Mul", x, b.constant((float) factor));
  }

  @Override
  public String softmax(String x) {
    return b.node("Softmax", List.of(x), Map.of("axis", Attribute.of(-1L)));
  }

  @Override
  public String gelu(String x) {
    String erf = b.node("Erf", b.node("Div", x, b.constant((float) Math.sqrt(2))));
    String product = b.node("Mul", x, b.node("Add", erf, b.constant(1f)));
    return b.node("Mul", product, b.constant(0.5f));
  }

  @Override
  public String layerNorm(String x, String weight, String bias, long size) {
    Map<String, Attribute> epsilon = Map.of("epsilon", Attribute.of(1e-5f));
    return b.node("LayerNormalization", List.of(x, weight, bias), epsilon);
  }

  @Override
  public String reshape(String x, long... shape) {
    return b.node("Reshape", x, b.constant(shape));
  }

  @Override
  public String transpose(String x, int... order) {
    long[] perm = Arrays.stream(order).asLongStream().toArray();
    return b.node("Transpose", List.of(x), Map.of("perm", Attribute.ints(perm)));
  }

  @Override
  public String first(String x) {
    String zero = b.constant(TensorData.scalar(0L));
    return b.node("Gather", List.of(x, zero), Map.of("axis", Attribute.of(1L)));
  }

  @Override
  public String crossEntropy(String logits, long[] labels) {
    // Fed, for a batch of constant labels would not be symbolic.
    String classes = b.input("labels", DataType.INT64, "batch");
    return b.node("SoftmaxCrossEntropyLoss", logits, classes);
  }
}
