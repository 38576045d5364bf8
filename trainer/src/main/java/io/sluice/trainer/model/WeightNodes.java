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
import io.sluice.trainer.autodiff.vjp.Operators;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The flat array of weights, and the gates, taken apart inside a graph. Confined to one thread. */
final class WeightNodes {
  private final GraphBuilder graph;
  private final ParameterLayout layout;
  private final FlatPieces pieces;

  /** One tensor a slot of the layout, in its order. */
  private final List<String> leaves = new ArrayList<>();

  private @Nullable TensorFacts facts;

  /** One tensor a leaf, once the graph has been differentiated. */
  private List<String> gradients = List.of();

  /** One tensor of shape (1) a gate. */
  private final List<String> gateLeaves = new ArrayList<>();

  WeightNodes(GraphBuilder graph, ParameterLayout layout, int gates) {
    this.graph = graph;
    this.layout = layout;
    this.pieces = FlatPieces.of(layout);
    String parameters = graph.input(Tensors.PARAMETERS, DataType.FLOAT, (long) layout.size());
    List<String> split = pieces.split(graph, parameters);
    for (int i = 0; i < split.size(); i++) {
      leaves.add(
          graph.node("Reshape", split.get(i), graph.constant(layout.slots().get(i).spec().dims())));
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
    TensorFacts known = TensorFacts.probe(forward, runtime);
    facts = known;
    Map<String, String> made =
        Backward.gradients(graph, forward, loss, wanted, known, Operators.of(runtime));
    this.gradients = all(leaves, made);
    String joined = pieces.join(graph, gradients);
    output(joined, Tensors.GRADIENTS, layout.size());
    if (!gateLeaves.isEmpty()) {
      List<String> flat =
          all(gateLeaves, made).stream()
              .map(gradient -> graph.node("Reshape", gradient, graph.constant(-1L)))
              .toList();
      output(
          graph.node("Concat", flat, Map.of("axis", Attribute.of(0L))),
          Tensors.GATE_GRADIENTS,
          gateLeaves.size());
    }
    return besides.stream().map(name -> requireNonNull(made.get(name), name)).toList();
  }

  /** A graph that has been differentiated, with the flat arrays in operators of the device. */
  Graph onDevice(Graph training) {
    List<long[]> shapes = layout.slots().stream().map(slot -> slot.spec().dims()).toList();
    return DevicePieces.apply(training, leaves, shapes, gradients);
  }

  /** What is known of the forward graph's tensors, once it has been differentiated. */
  TensorFacts facts() {
    return requireNonNull(facts, "facts");
  }

  private void output(String tensor, String name, long size) {
    graph.outputAs(tensor, Value.of(name, DataType.FLOAT, size));
  }

  private static List<String> all(List<String> leaves, Map<String, String> gradients) {
    return leaves.stream().map(leaf -> requireNonNull(gradients.get(leaf), leaf)).toList();
  }
}
