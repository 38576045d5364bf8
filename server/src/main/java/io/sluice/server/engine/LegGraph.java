package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.form.FirstTokenForm;
import io.sluice.backbone.form.ServingForm;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.Device;
import io.sluice.registry.bundle.AdapterAbi;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Writes a leg as one graph: from {@link Backbone#BLOCK_INPUT}, the context, the attention mask if
 * the head wants it and all weights of adapters and head to what the head puts out, or without a
 * head to {@link Leg#OUTPUT}. Confined to one thread.
 */
final class LegGraph {
  private final Backbone backbone;
  private final Leg leg;
  private final List<Graph> blocks = new ArrayList<>();
  private final Map<Integer, Graph> adapters = new TreeMap<>();
  private final Map<String, String> context = new HashMap<>();
  private final GraphBuilder builder;

  /** The block that is computed for the first token only; above all if there is none. */
  private final int firstTokenPoint;

  private LegGraph(Backbone backbone, Precision precision, Leg leg, Device device) {
    this.backbone = backbone;
    this.leg = leg;
    int point = backbone.firstTokenPoint();
    this.firstTokenPoint = leg.endsOnFirstToken(point) ? point : Integer.MAX_VALUE;
    long opset = backbone.whole().opset();
    for (int k = leg.from(); k <= leg.to(); k++) {
      Graph block = precision.apply(backbone.block(k), backbone.ranges());
      blocks.add(k == firstTokenPoint ? ServingForm.ofFirstToken(block, device) : block);
    }
    Graph epilogue = leg.head() == null ? null : backbone.epilogue();
    if (epilogue != null) {
      blocks.add(precision.apply(epilogue, backbone.ranges()));
    }
    for (Map.Entry<Integer, Structure> adapter : leg.adapters().entrySet()) {
      Graph graph = OnnxFormat.read(adapter.getValue().model());
      adapters.put(adapter.getKey(), graph);
      opset = Math.max(opset, graph.opset());
    }
    Structure head = leg.head();
    opset = head == null ? opset : Math.max(opset, OnnxFormat.read(head.model()).opset());
    this.builder = new GraphBuilder("leg", opset);
  }

  /** The leg in the form that suits the device. */
  static Graph of(Backbone backbone, Precision precision, Leg leg, Device device) {
    return ServingForm.of(new LegGraph(backbone, precision, leg, device).write().lean(), device);
  }

  private Graph write() {
    int hiddenSize = backbone.hiddenSize();
    String hidden = builder.input(AdapterAbi.hiddenStates(Backbone.BLOCK_INPUT, hiddenSize));
    for (int i = 0; i < blocks.size(); i++) {
      String before = hidden;
      hidden = block(blocks.get(i), before);
      int point = leg.from() + i;
      Graph adapter = adapters.get(point);
      if (adapter != null) {
        String input = point == firstTokenPoint ? FirstTokenForm.of(builder, before) : before;
        Map<String, String> data =
            Map.of(AdapterAbi.BLOCK_INPUT, input, AdapterAbi.BLOCK_OUTPUT, hidden);
        hidden =
            requireNonNull(
                part(adapter, data, weight -> Leg.adapterWeight(point, weight))
                    .get(AdapterAbi.ADAPTED));
      }
    }
    Structure head = leg.head();
    if (head == null) {
      builder.outputAs(hidden, AdapterAbi.hiddenStates(Leg.OUTPUT, hiddenSize));
      return builder.build();
    }
    Graph graph = OnnxFormat.read(head.model());
    Map<String, String> data = new HashMap<>(Map.of(AdapterAbi.HIDDEN, hidden));
    if (head.dataNames().contains(AdapterAbi.ATTENTION_MASK)) {
      data.put(AdapterAbi.ATTENTION_MASK, builder.input(AdapterAbi.attentionMask()));
    }
    Map<String, String> made = part(graph, data, Leg::headWeight);
    for (Value output : graph.outputs()) {
      builder.outputAs(requireNonNull(made.get(output.name())), output);
    }
    return builder.build();
  }

  private String block(Graph block, String hidden) {
    Map<String, String> binding = new HashMap<>();
    for (Value input : block.inputs()) {
      binding.put(
          input.name(),
          input.name().equals(Backbone.BLOCK_INPUT)
              ? hidden
              : context.computeIfAbsent(input.name(), name -> builder.input(input)));
    }
    return builder.append(block, binding).values().iterator().next();
  }

  /** Appends an adapter or a head, its weights as inputs; its outputs by their names in it. */
  private Map<String, String> part(
      Graph part, Map<String, String> data, UnaryOperator<String> weightName) {
    Map<String, String> binding = new HashMap<>();
    for (Value input : part.inputs()) {
      String given = data.get(input.name());
      binding.put(
          input.name(),
          given == null ? builder.input(input.named(weightName.apply(input.name()))) : given);
    }
    return builder.append(part, binding);
  }
}
