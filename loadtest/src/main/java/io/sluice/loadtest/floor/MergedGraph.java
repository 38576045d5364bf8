package io.sluice.loadtest.floor;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.OpsetUpgrade;
import io.sluice.backbone.graph.Value;
import io.sluice.registry.bundle.AdapterAbi;
import io.sluice.registry.bundle.AdapterBundle;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The uncut model as one graph with a task's head on it, and with or without its adapters: what a
 * deployment without Sluice would run. From the backbone's inputs to the head's outputs. Confined
 * to one thread.
 */
final class MergedGraph {
  private final Backbone backbone;
  private final AdapterBundle bundle;
  private final Map<Integer, Graph> adapters;
  private final GraphBuilder builder;

  /** The uncut model at the latest opset of all parts. */
  private final Graph whole;

  /** Tensors of the uncut model that adapters have replaced, by what they were. */
  private final Map<String, String> replaced = new HashMap<>();

  private MergedGraph(Backbone backbone, AdapterBundle bundle, Map<Integer, Graph> adapters) {
    this.backbone = backbone;
    this.bundle = bundle;
    this.adapters = adapters;
    long opset = Math.max(backbone.whole().opset(), bundle.head().opset());
    for (Graph adapter : adapters.values()) {
      opset = Math.max(opset, adapter.opset());
    }
    this.whole = OpsetUpgrade.raise(backbone.whole(), opset);
    this.builder = new GraphBuilder("merged", whole.opsets());
  }

  /** With the adapters of the bundle. */
  static Graph adapted(Backbone backbone, AdapterBundle bundle) {
    return new MergedGraph(backbone, bundle, bundle.points()).merge();
  }

  /** The head on the untouched model. */
  static Graph untouched(Backbone backbone, AdapterBundle bundle) {
    return new MergedGraph(backbone, bundle, Map.of()).merge();
  }

  private Graph merge() {
    whole.inputs().forEach(builder::input);
    if (!backbone.inputNames().contains(AdapterAbi.ATTENTION_MASK)) {
      builder.input(AdapterAbi.ATTENTION_MASK, DataType.INT64, "batch", "seq");
    }
    whole.initializers().forEach(builder::initializer);
    whole.nodes().forEach(node -> node.writes().forEach(builder::keep));
    adapt(whole.inputs().stream().map(Value::name).toList());
    for (Node node : whole.nodes()) {
      builder.add(
          new Node(
              node.domain(),
              node.op(),
              node.name(),
              node.inputs().stream().map(this::current).toList(),
              node.outputs(),
              node.attributes()));
      adapt(node.writes());
    }
    Map<String, String> made =
        append(
            bundle.head(),
            Map.of(
                AdapterAbi.HIDDEN,
                current(Backbone.MODEL_OUTPUT),
                AdapterAbi.ATTENTION_MASK,
                AdapterAbi.ATTENTION_MASK));
    for (Value output : bundle.head().outputs()) {
      builder.outputAs(requireNonNull(made.get(output.name())), output);
    }
    return builder.build();
  }

  /** Puts the adapter of each boundary among the tensors behind it. */
  private void adapt(List<String> tensors) {
    for (String tensor : tensors) {
      int point = backbone.boundaryNames().indexOf(tensor);
      Graph adapter = adapters.get(point);
      if (adapter != null) {
        String before = current(backbone.boundaryNames().get(point - 1));
        Map<String, String> made =
            append(
                adapter, Map.of(AdapterAbi.BLOCK_INPUT, before, AdapterAbi.BLOCK_OUTPUT, tensor));
        replaced.put(tensor, requireNonNull(made.get(AdapterAbi.ADAPTED)));
      }
    }
  }

  /** Appends a part, bound to those of the tensors that it takes. */
  private Map<String, String> append(Graph part, Map<String, String> tensors) {
    Map<String, String> binding = new HashMap<>(tensors);
    binding.keySet().retainAll(part.inputs().stream().map(Value::name).toList());
    return builder.append(part, binding);
  }

  private String current(String tensor) {
    return replaced.getOrDefault(tensor, tensor);
  }
}
