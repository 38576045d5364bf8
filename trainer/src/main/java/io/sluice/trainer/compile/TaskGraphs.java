package io.sluice.trainer.compile;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.registry.bundle.AdapterAbi;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.ParameterSpec;
import io.sluice.trainer.model.PointAdapters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The static graphs of a trained task: weights are constants, gates are gone. */
final class TaskGraphs {
  private static final long OPSET = 18;

  private final TrainedTask task;
  private final int hiddenSize;
  private final List<StaticAdapter> adapters;

  TaskGraphs(TrainedTask task) {
    this.task = task;
    this.hiddenSize = task.backbone().hiddenSize();
    this.adapters = StaticAdapter.of(task);
  }

  /** What is left of the survivors, by ascending point. */
  List<StaticAdapter> adapters() {
    return adapters;
  }

  /** One subgraph an insertion point; adapters at one point are one subgraph. */
  SortedMap<Integer, Graph> points() {
    SortedMap<Integer, List<StaticAdapter>> points = new TreeMap<>();
    for (StaticAdapter adapter : adapters) {
      points.computeIfAbsent(adapter.point(), absent -> new ArrayList<>()).add(adapter);
    }
    SortedMap<Integer, Graph> graphs = new TreeMap<>();
    points.forEach((point, at) -> graphs.put(point, graph("point_" + point, at)));
    return graphs;
  }

  /** The subgraph of one adapter alone, to count what it costs. */
  Graph alone(StaticAdapter adapter) {
    return graph("alone", List.of(adapter));
  }

  private Graph graph(String name, List<StaticAdapter> at) {
    GraphBuilder graph = builder(name);
    String blockInput = graph.input(AdapterAbi.hiddenStates(AdapterAbi.BLOCK_INPUT, hiddenSize));
    String blockOutput = graph.input(AdapterAbi.hiddenStates(AdapterAbi.BLOCK_OUTPUT, hiddenSize));
    PointAdapters nodes = new PointAdapters(graph, hiddenSize);
    for (StaticAdapter adapter : at) {
      List<ParameterSpec> specs = adapter.kind().parameters(hiddenSize);
      nodes.add(adapter.kind(), weights(graph, specs, adapter.weights()));
    }
    String adapted = nodes.emit(blockInput, blockOutput);
    graph.outputAs(adapted, AdapterAbi.hiddenStates(AdapterAbi.ADAPTED, hiddenSize));
    return withoutUnreadInputs(graph.build());
  }

  /** The head's subgraph. */
  Graph head() {
    GraphBuilder graph = builder("head");
    String hidden = graph.input(AdapterAbi.hiddenStates(AdapterAbi.HIDDEN, hiddenSize));
    String mask = graph.input(AdapterAbi.attentionMask());
    List<ParameterSpec> specs = task.head().parameters(hiddenSize);
    Map<String, String> weights =
        weights(graph, specs, task.layout().weights(ParameterLayout.HEAD, task.values()));
    task.head().outputs(graph, task.head().scores(graph, hidden, mask, null, weights));
    return withoutUnreadInputs(graph.build());
  }

  private static Map<String, String> weights(
      GraphBuilder graph, List<ParameterSpec> specs, Map<String, float[]> values) {
    Map<String, String> names = new HashMap<>();
    for (ParameterSpec spec : specs) {
      float[] weight = requireNonNull(values.get(spec.name()), spec.name());
      names.put(
          spec.name(), graph.initializer(spec.name(), TensorData.floats(weight, spec.dims())));
    }
    return names;
  }

  private static GraphBuilder builder(String name) {
    return new GraphBuilder(name, OPSET);
  }

  private static Graph withoutUnreadInputs(Graph graph) {
    var read = graph.consumers().keySet();
    return new Graph(
        graph.name(),
        graph.opsets(),
        graph.inputs().stream().filter(input -> read.contains(input.name())).toList(),
        graph.outputs(),
        graph.nodes(),
        graph.initializers());
  }
}
