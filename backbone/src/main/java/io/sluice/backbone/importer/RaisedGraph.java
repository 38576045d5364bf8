package io.sluice.backbone.importer;

import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.OpsetUpgrade;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.backbone.runtime.SessionSettings.Optimization;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An exported model at an opset that training can be written in. */
final class RaisedGraph {
  /** The first with LayerNormalization; models from here on stay as they are. */
  private static final long TRAINABLE_OPSET = 17;

  private static final long RAISED_OPSET = 18;

  private static final SessionSettings PLAIN =
      SessionSettings.defaults().withLevel(Optimization.NONE);

  private RaisedGraph() {}

  /** The model itself, or the same computation raised to {@value #RAISED_OPSET}. */
  static Graph of(Graph exported, OnnxRuntime runtime) {
    if (exported.opset() >= TRAINABLE_OPSET) {
      return exported;
    }
    // Raising relies on each operator having the inputs and outputs it must have.
    runtime.open(exported, PLAIN).close();
    return OpsetUpgrade.raise(exported, RAISED_OPSET, softmaxRanks(exported, runtime));
  }

  /** The ranks ONNX Runtime infers, so that a Softmax over the last axis stays one operator. */
  private static Map<String, Integer> softmaxRanks(Graph exported, OnnxRuntime runtime) {
    List<Value> outputs = new ArrayList<>(exported.outputs());
    Map<String, Integer> ranks = new HashMap<>();
    for (Node node : exported.nodes()) {
      if (node.is("Softmax")) {
        outputs.add(Value.of(node.outputs().get(0), DataType.FLOAT, new Dim.Rest()));
        ranks.put(node.outputs().get(0), 0);
      }
    }
    if (ranks.isEmpty()) {
      return ranks;
    }
    Graph watched =
        new Graph(
            exported.name(),
            exported.opsets(),
            exported.inputs(),
            outputs.stream().distinct().toList(),
            exported.nodes(),
            exported.initializers());
    try (OnnxSession session = runtime.open(watched, PLAIN)) {
      session.outputs().forEach(output -> ranks.replace(output.name(), output.shape().size()));
    } catch (SluiceException e) {
      // Of another type than float32: raised without ranks, which is right too, only longer.
      return Map.of();
    }
    Map<String, Integer> known = new HashMap<>();
    for (Node node : exported.nodes()) {
      Integer rank = node.is("Softmax") ? ranks.get(node.outputs().get(0)) : null;
      if (rank != null && rank > 0) {
        known.put(node.inputs().get(0), rank);
      }
    }
    return known;
  }
}
