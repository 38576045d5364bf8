package io.sluice.trainer.autodiff;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a graph whose values are known before any run: initializers and Constant nodes.
 */
final class Constants {

  private Constants() {}

  /** Value by tensor name. */
  static Map<String, TensorData> of(Graph graph) {
    Map<String, TensorData> constants = new HashMap<>(graph.initializers());
    for (Node node : graph.nodes()) {
      TensorData value = node.is("Constant") ? value(node) : null;
      if (value != null) {
        constants.put(node.outputs().get(0), value);
      }
    }
    return constants;
  }

  private static @Nullable TensorData value(Node node) {
    TensorData value = node.tensorAttribute("value");
    if (value != null) {
      return value;
    }
    if (node.attribute("value_float") instanceof Attribute.OfFloat one) {
      return TensorData.scalar(one.value());
    }
    if (node.attribute("value_int") instanceof Attribute.OfInt one) {
      return TensorData.scalar(one.value());
    }
    if (node.attribute("value_ints") instanceof Attribute.OfInts many) {
      long[] values = many.values().stream().mapToLong(Long::longValue).toArray();
      return TensorData.longs(values, values.length);
    }
    if (node.attribute("value_floats") instanceof Attribute.OfFloats many) {
      float[] values = new float[many.values().size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = many.values().get(i);
      }
      return TensorData.floats(values, values.length);
    }
    return null;
  }
}
