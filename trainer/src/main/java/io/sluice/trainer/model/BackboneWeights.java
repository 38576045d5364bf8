package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.trainer.autodiff.ForwardFusion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The weights of a backbone as something to be learned: every float32 tensor of more than one
 * number that the uncut model reads. Single numbers are constants of its operators. Immutable;
 * shares the backbone's memory.
 */
final class BackboneWeights {
  private final Graph whole;
  private final TreeMap<String, TensorData> weights = new TreeMap<>();
  private final Map<String, Integer> layers = new HashMap<>();
  private final int layerCount;

  BackboneWeights(Backbone backbone) {
    whole = ForwardFusion.apply(backbone.whole());
    whole
        .initializers()
        .forEach(
            (name, data) -> {
              if (data.type() == DataType.FLOAT && data.elements() > 1) {
                weights.put(name, data);
              }
            });
    List<Integer> ends = Placement.LAYER_WISE.points(backbone);
    layerCount = ends.size();
    // Ascending, so that a weight of several layers counts for the highest of them.
    for (int point = 1; point <= backbone.points(); point++) {
      int block = point;
      int layer = (int) ends.stream().filter(end -> end < block).count();
      backbone.block(point).initializers().keySet().forEach(name -> layers.put(name, layer));
    }
    Graph epilogue = backbone.epilogue();
    if (epilogue != null) {
      epilogue.initializers().keySet().forEach(name -> layers.put(name, layerCount - 1));
    }
  }

  /** What a layout says of each, in the order of their names; matrices and tables are decayed. */
  List<ParameterSpec> specs() {
    List<ParameterSpec> specs = new ArrayList<>();
    weights.forEach(
        (name, data) -> {
          List<Integer> shape = new ArrayList<>();
          for (long size : data.shape()) {
            shape.add(Math.toIntExact(size));
          }
          specs.add(new ParameterSpec(name, shape, 0, shape.size() > 1));
        });
    return specs;
  }

  /** The values of one; a copy. */
  float[] values(String name) {
    return requireNonNull(weights.get(name), name).toFloats();
  }

  /**
   * How far below the top a weight lies, in layers: 0 for those of the topmost and behind it, the
   * number of layers for embeddings.
   */
  int depth(String name) {
    return layerCount - 1 - layers.getOrDefault(name, -1);
  }

  /** The uncut model with these weights as inputs, ahead of its own. */
  Graph lifted() {
    List<Value> inputs = new ArrayList<>();
    weights.forEach(
        (name, data) -> inputs.add(Value.of(name, DataType.FLOAT, (Object[]) boxed(data.shape()))));
    inputs.addAll(whole.inputs());
    Map<String, TensorData> constants = new HashMap<>(whole.initializers());
    constants.keySet().removeAll(weights.keySet());
    return new Graph(
        whole.name(), whole.opsets(), inputs, whole.outputs(), whole.nodes(), constants);
  }

  private static Long[] boxed(long[] shape) {
    Long[] boxed = new Long[shape.length];
    for (int i = 0; i < shape.length; i++) {
      boxed[i] = shape[i];
    }
    return boxed;
  }
}
