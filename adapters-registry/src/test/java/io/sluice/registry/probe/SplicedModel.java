package io.sluice.registry.probe;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.Value;
import io.sluice.registry.bundle.AdapterAbi;
import io.sluice.registry.bundle.AdapterBundle;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A bundle put into the uncut model, node by node: behind each boundary its adapter, behind the
 * output the head. Knows nothing of blocks, so that it can tell whether running them is right.
 */
final class SplicedModel {
  private final Backbone backbone;
  private final AdapterBundle bundle;
  private final GraphBuilder builder;

  /** Tensors of the uncut model that have been replaced by adapted ones. */
  private final Map<String, String> replaced = new HashMap<>();

  private SplicedModel(Backbone backbone, AdapterBundle bundle) {
    this.backbone = backbone;
    this.bundle = bundle;
    this.builder = new GraphBuilder("spliced", backbone.whole().opsets());
  }

  /** From the backbone's inputs to the outputs of the bundle's head. */
  static Graph of(Backbone backbone, AdapterBundle bundle) {
    return new SplicedModel(backbone, bundle).splice();
  }

  private Graph splice() {
    Graph whole = backbone.whole();
    whole.inputs().forEach(builder::input);
    whole.initializers().forEach(builder::initializer);
    adaptWhatExists(whole.inputs().stream().map(Value::name).toList());
    for (Node node : whole.nodes()) {
      builder.add(
          new Node(
              node.domain(),
              node.op(),
              node.name(),
              node.inputs().stream().map(this::current).toList(),
              node.outputs(),
              node.attributes()));
      adaptWhatExists(node.writes());
    }
    Map<String, String> binding = new HashMap<>();
    for (Value input : bundle.head().inputs()) {
      binding.put(
          input.name(),
          input.name().equals(AdapterAbi.HIDDEN) ? current(Backbone.MODEL_OUTPUT) : input.name());
    }
    Map<String, String> made = builder.append(relabelled(bundle.head()), binding);
    for (Value output : bundle.head().outputs()) {
      builder.outputAs(requireNonNull(made.get(output.name())), output);
    }
    return builder.build();
  }

  private void adaptWhatExists(List<String> tensors) {
    for (String tensor : tensors) {
      int k = backbone.boundaryNames().indexOf(tensor);
      Graph adapter = bundle.points().get(k);
      if (adapter == null) {
        continue;
      }
      Map<String, String> binding = new HashMap<>();
      adapter
          .inputs()
          .forEach(
              input ->
                  binding.put(
                      input.name(),
                      input.name().equals(AdapterAbi.BLOCK_OUTPUT)
                          ? tensor
                          : current(backbone.boundaryNames().get(k - 1))));
      Map<String, String> made = builder.append(relabelled(adapter), binding);
      replaced.put(tensor, requireNonNull(made.get(AdapterAbi.ADAPTED)));
    }
  }

  private String current(String tensor) {
    return replaced.getOrDefault(tensor, tensor);
  }

  /** The same graph at the model's opset; the operators used mean the same from 13 to 18. */
  private Graph relabelled(Graph graph) {
    Map<String, Long> opsets = new TreeMap<>(graph.opsets());
    opsets.putAll(backbone.whole().opsets());
    return new Graph(
        graph.name(), opsets, graph.inputs(), graph.outputs(), graph.nodes(), graph.initializers());
  }
}
