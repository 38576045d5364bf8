package io.sluice.trainer.compile;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.registry.bundle.AdapterAbi;
import io.sluice.trainer.model.AdapterKind;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.ParameterSpec;
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

  TaskGraphs(TrainedTask task) {
    this.task = task;
    this.hiddenSize = task.backbone().hiddenSize();
  }

  /** One subgraph an insertion point; survivors at one point are one subgraph. */
  SortedMap<Integer, Graph> points() {
    SortedMap<Integer, List<Integer>> owners = new TreeMap<>();
    for (int owner = 0; owner < task.structure().size(); owner++) {
      int point = task.structure().get(owner).point();
      owners.computeIfAbsent(point, absent -> new ArrayList<>()).add(owner);
    }
    SortedMap<Integer, Graph> graphs = new TreeMap<>();
    owners.forEach((point, at) -> graphs.put(point, adapter("point_" + point, at)));
    return graphs;
  }

  /** The subgraph of one survivor alone, to count what it costs. */
  Graph alone(int owner) {
    return adapter("candidate_" + owner, List.of(owner));
  }

  private Graph adapter(String name, List<Integer> owners) {
    GraphBuilder graph = builder(name);
    String blockInput = graph.input(AdapterAbi.hiddenStates(AdapterAbi.BLOCK_INPUT, hiddenSize));
    String blockOutput = graph.input(AdapterAbi.hiddenStates(AdapterAbi.BLOCK_OUTPUT, hiddenSize));
    String adapted = blockOutput;
    for (int owner : owners) {
      AdapterKind kind = task.structure().get(owner).kind();
      Map<String, String> weights = weights(graph, owner, kind.parameters(hiddenSize));
      adapted = kind.emit(graph, blockInput, adapted, weights);
    }
    graph.outputAs(adapted, AdapterAbi.hiddenStates(AdapterAbi.ADAPTED, hiddenSize));
    return withoutUnreadInputs(graph.build());
  }

  /** The head's subgraph. */
  Graph head() {
    GraphBuilder graph = builder("head");
    String hidden = graph.input(AdapterAbi.hiddenStates(AdapterAbi.HIDDEN, hiddenSize));
    String mask = graph.input(AdapterAbi.attentionMask());
    List<ParameterSpec> specs = task.head().parameters(hiddenSize);
    Map<String, String> weights = weights(graph, ParameterLayout.HEAD, specs);
    task.head().outputs(graph, task.head().scores(graph, hidden, mask, null, weights));
    return withoutUnreadInputs(graph.build());
  }

  private Map<String, String> weights(GraphBuilder graph, int owner, List<ParameterSpec> specs) {
    Map<String, float[]> values = task.layout().weights(owner, task.values());
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
