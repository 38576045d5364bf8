package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.trainer.autodiff.ForwardFusion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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
  private final @Nullable Node lookup;

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
    lookup = lookup();
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

  /** The node that looks tokens up in a table which nothing else reads; null: there is none. */
  private @Nullable Node lookup() {
    Map<String, List<Node>> readers = whole.consumers();
    for (Node node : readers.getOrDefault(BatchTensors.INPUT_IDS, List.of())) {
      String table = node.inputs().get(0);
      TensorData data = weights.get(table);
      if (node.is("Gather")
          && node.inputs().get(1).equals(BatchTensors.INPUT_IDS)
          && data != null
          && data.rank() == 2
          && node.intAttribute("axis", 0) == 0
          && readers.getOrDefault(table, List.of()).size() == 1) {
        return node;
      }
    }
    return null;
  }

  /** The table that tokens are looked up in, and only they; null: there is none such. */
  @Nullable String wordTable() {
    return lookup == null ? null : lookup.inputs().get(0);
  }

  /** The tensor (batch, seq, width) of what was looked up there. */
  String words() {
    return requireNonNull(lookup, "lookup").outputs().get(0);
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

  /**
   * The uncut model with these weights as inputs, ahead of its own.
   *
   * @param looked whether {@link #words} is an input instead of {@link #wordTable}
   */
  Graph lifted(boolean looked) {
    List<Value> inputs = new ArrayList<>();
    weights.forEach(
        (name, data) -> {
          if (looked && name.equals(wordTable())) {
            inputs.add(Value.of(words(), DataType.FLOAT, "batch", "seq", data.shape()[1]));
          } else {
            inputs.add(Value.of(name, DataType.FLOAT, (Object[]) boxed(data.shape())));
          }
        });
    inputs.addAll(whole.inputs());
    Map<String, TensorData> constants = new HashMap<>(whole.initializers());
    constants.keySet().removeAll(weights.keySet());
    List<Node> nodes =
        looked
            ? whole.nodes().stream().filter(node -> !node.equals(lookup)).toList()
            : whole.nodes();
    return new Graph(whole.name(), whole.opsets(), inputs, whole.outputs(), nodes, constants);
  }

  private static Long[] boxed(long[] shape) {
    Long[] boxed = new Long[shape.length];
    for (int i = 0; i < shape.length; i++) {
      boxed[i] = shape[i];
    }
    return boxed;
  }
}
