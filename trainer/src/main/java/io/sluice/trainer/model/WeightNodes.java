package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.autodiff.Backward;
import io.sluice.trainer.autodiff.TensorFacts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The flat array of weights, and the gates, taken apart inside a graph. Confined to one thread.
 *
 * <p>The tensors of {@link #leaves} and {@link #gateLeaves} are what a gradient is asked for: each
 * is made once, lies above nothing that is learned, and together they are the two inputs.
 */
final class WeightNodes {
  private final GraphBuilder graph;
  private final ParameterLayout layout;
  private final List<String> leaves = new ArrayList<>();
  private final List<String> gateLeaves = new ArrayList<>();

  WeightNodes(GraphBuilder graph, ParameterLayout layout, int gates) {
    this.graph = graph;
    this.layout = layout;
    String parameters = graph.input(Tensors.PARAMETERS, DataType.FLOAT, (long) layout.size());
    long[] sizes = layout.slots().stream().mapToLong(slot -> slot.spec().size()).toArray();
    List<String> pieces =
        graph.node(
            "",
            "Split",
            List.of(parameters, graph.constant(sizes)),
            sizes.length,
            Map.of("axis", Attribute.of(0L)));
    for (int i = 0; i < pieces.size(); i++) {
      long[] dims = layout.slots().get(i).spec().dims();
      leaves.add(
          dims.length == 1
              ? pieces.get(i)
              : graph.node("Reshape", pieces.get(i), graph.constant(dims)));
    }
    if (gates > 0) {
      String input = graph.input(Tensors.GATES, DataType.FLOAT, (long) gates);
      long[] ones = new long[gates];
      Arrays.fill(ones, 1);
      gateLeaves.addAll(
          graph.node(
              "",
              "Split",
              List.of(input, graph.constant(ones)),
              gates,
              Map.of("axis", Attribute.of(0L))));
    }
  }

  /** One tensor a slot of the layout, in its order. */
  List<String> leaves() {
    return leaves;
  }

  /** One tensor of shape (1) a gate. */
  List<String> gateLeaves() {
    return gateLeaves;
  }

  /** The weights of an owner by name, gated ones multiplied by the gate if there are gates. */
  Map<String, String> of(int owner) {
    Map<String, String> weights = new HashMap<>();
    for (int i = 0; i < leaves.size(); i++) {
      ParameterLayout.Slot slot = layout.slots().get(i);
      if (slot.owner() == owner) {
        boolean gated = slot.spec().gated() && !gateLeaves.isEmpty();
        weights.put(
            slot.spec().name(),
            gated ? graph.node("Mul", leaves.get(i), gateLeaves.get(owner)) : leaves.get(i));
      }
    }
    return weights;
  }

  /** Adds the gradients of all weights, and of the gates if there are any, as outputs. */
  void differentiate(String loss, OnnxRuntime runtime) {
    differentiate(loss, runtime, List.of());
  }

  /**
   * The same, for more than what is learned.
   *
   * @param besides tensors whose gradients are wanted too
   * @return those, in the same order
   */
  List<String> differentiate(String loss, OnnxRuntime runtime, List<String> besides) {
    Graph forward = graph.build();
    Set<String> wanted = new LinkedHashSet<>(leaves);
    wanted.addAll(gateLeaves);
    wanted.addAll(besides);
    Map<String, String> gradients =
        Backward.gradients(graph, forward, loss, wanted, TensorFacts.probe(forward, runtime));
    output(joined(leaves, gradients), Tensors.GRADIENTS, layout.size());
    if (!gateLeaves.isEmpty()) {
      output(joined(gateLeaves, gradients), Tensors.GATE_GRADIENTS, gateLeaves.size());
    }
    return besides.stream().map(name -> requireNonNull(gradients.get(name), name)).toList();
  }

  private void output(String tensor, String name, long size) {
    graph.outputAs(tensor, Value.of(name, DataType.FLOAT, size));
  }

  /** The gradients of some leaves, flat and joined. */
  private String joined(List<String> of, Map<String, String> gradients) {
    List<String> flat = new ArrayList<>();
    for (String leaf : of) {
      flat.add(
          graph.node("Reshape", requireNonNull(gradients.get(leaf), leaf), graph.constant(-1L)));
    }
    return graph.node("Concat", flat, Map.of("axis", Attribute.of(0L)));
  }
}
