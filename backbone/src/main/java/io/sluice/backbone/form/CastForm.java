package io.sluice.backbone.form;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorTypes;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes out a widening that is narrowed again: float16 as float32 as float16 is the same float16,
 * to the bit. Where a block in half precision follows another nothing is left between them.
 */
final class CastForm {
  private CastForm() {}

  static Graph of(Graph graph) {
    if (graph.nodes().stream().noneMatch(node -> castTo(node, DataType.FLOAT16))) {
      return graph;
    }
    Map<String, DataType> types = TensorTypes.of(graph);
    Map<String, Node> producers = graph.producers();
    Map<String, String> same = new HashMap<>();
    Set<String> outputs =
        graph.outputs().stream().map(output -> output.name()).collect(Collectors.toSet());
    for (Node node : graph.nodes()) {
      Node widening = castTo(node, DataType.FLOAT16) ? wideningOf(node, producers) : null;
      if (widening != null
          && types.get(widening.inputs().get(0)) == DataType.FLOAT16
          && !outputs.contains(node.outputs().get(0))) {
        String half = widening.inputs().get(0);
        same.put(node.outputs().get(0), same.getOrDefault(half, half));
      }
    }
    return same.isEmpty() ? graph : without(graph, same);
  }

  private static @Nullable Node wideningOf(Node narrowing, Map<String, Node> producers) {
    Node before = producers.get(narrowing.inputs().get(0));
    while (before != null && before.is("Identity")) {
      before = producers.get(before.inputs().get(0));
    }
    return before != null && castTo(before, DataType.FLOAT) ? before : null;
  }

  private static boolean castTo(Node node, DataType type) {
    return node.is("Cast") && node.intAttribute("to", 0) == type.onnxCode();
  }

  private static Graph without(Graph graph, Map<String, String> same) {
    GraphBuilder kept = new GraphBuilder(graph.name(), graph.opsets());
    graph.inputs().forEach(kept::input);
    graph.initializers().forEach(kept::initializer);
    for (Node node : graph.nodes()) {
      if (!same.containsKey(node.outputs().isEmpty() ? "" : node.outputs().get(0))) {
        kept.add(node.reading(input -> same.getOrDefault(input, input)));
      }
    }
    graph.outputs().forEach(kept::output);
    return kept.build().extract(graph.name(), graph.inputs(), graph.outputs());
  }
}
