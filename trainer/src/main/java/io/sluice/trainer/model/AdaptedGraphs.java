package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.autodiff.DeviceFusion;
import io.sluice.trainer.autodiff.HeadsFusion;
import io.sluice.trainer.autodiff.LayerNormLowering;
import io.sluice.trainer.autodiff.vjp.Operators;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The graphs of a backbone with candidates and a head: forward, forward with backward, and the
 * untouched backbone's pooled features. Immutable.
 */
public final class AdaptedGraphs {
  private final OnnxRuntime runtime;
  private final Backbone backbone;
  private final TaskHead head;
  private final boolean adapterDropout;
  private final boolean fusedNorms;
  private final Precision precision;

  public AdaptedGraphs(OnnxRuntime runtime, Backbone backbone, TaskHead head) {
    this(runtime, backbone, head, false, runtime.settings().device().isCuda(), Precision.FP32);
  }

  private AdaptedGraphs(
      OnnxRuntime runtime,
      Backbone backbone,
      TaskHead head,
      boolean adapterDropout,
      boolean fusedNorms,
      Precision precision) {
    this.runtime = requireNonNull(runtime, "runtime");
    this.backbone = requireNonNull(backbone, "backbone");
    this.head = requireNonNull(head, "head");
    this.adapterDropout = adapterDropout;
    this.fusedNorms = fusedNorms;
    this.precision = requireNonNull(precision, "precision");
  }

  /** Graphs whose training drops out parts of what each adapter adds (Srivastava et al. 2014). */
  public AdaptedGraphs withAdapterDropout() {
    return new AdaptedGraphs(runtime, backbone, head, true, fusedNorms, precision);
  }

  /**
   * Graphs whose training normalises layers by one fused operator or by simple ones; which is
   * faster depends on the device, and the runtime's decides unless this is said.
   */
  public AdaptedGraphs withFusedNorms(boolean fused) {
    return new AdaptedGraphs(runtime, backbone, head, adapterDropout, fused, precision);
  }

  /**
   * Graphs whose backbone computes in this format. Training goes forward through what it rounds and
   * backward through the linears as they are: the straight-through estimator (Bengio et al. 2013),
   * as rounding has no derivative worth the name.
   */
  public AdaptedGraphs withPrecision(Precision format) {
    return new AdaptedGraphs(runtime, backbone, head, adapterDropout, fusedNorms, format);
  }

  /** Whether gates had better be multiplied into the weights before a step than in the graph. */
  boolean foldsGates() {
    return fusedNorms;
  }

  /** The layout of the weights these graphs take for some candidates. */
  public ParameterLayout layout(List<Candidate> candidates) {
    return ParameterLayout.of(candidates, head, backbone.hiddenSize());
  }

  /** The highest boundary below which nothing depends on these candidates. */
  public int trunkDepth(List<Candidate> candidates) {
    return TrunkDepth.of(candidates, backbone.hiddenSize(), backbone.points());
  }

  /** Tokens and {@code parameters} in, the head's outputs out; gates are folded already. */
  public Graph forward(List<Candidate> candidates) {
    return forward(candidates, 0);
  }

  /**
   * The forward graph from a boundary on: takes {@code trunk} as well, what a {@link TrunkCache}
   * gives.
   *
   * @param boundary 0 for the whole, else at most {@link #trunkDepth}
   */
  public Graph forward(List<Candidate> candidates, int boundary) {
    GraphBuilder graph = builder("forward", backbone);
    BackboneNodes nodes = nodes(graph, candidates, boundary);
    WeightNodes weights = new WeightNodes(graph, layout(candidates), 0);
    head.outputs(graph, scores(graph, nodes, weights, candidates, null, null));
    return precision.apply(graph.build().lean(), backbone.ranges());
  }

  /**
   * Tokens, {@code targets}, {@code keep} and {@code parameters} (and gates) in; {@code loss} and
   * {@code gradients} (and {@code gate_gradients}) out. Targets carry the weight of each row, 1 /
   * batch usually.
   *
   * @param gated whether there is a gate a candidate
   */
  public Graph training(List<Candidate> candidates, boolean gated) {
    return training(candidates, gated, 0);
  }

  /**
   * The training graph from a boundary on: takes {@code trunk} as well, what a {@link TrunkCache}
   * gives.
   *
   * @param gated whether there is a gate a candidate
   * @param boundary 0 for the whole, else at most {@link #trunkDepth}
   */
  public Graph training(List<Candidate> candidates, boolean gated, int boundary) {
    GraphBuilder graph = builder("training", backbone);
    BackboneNodes nodes = nodes(graph, candidates, boundary);
    WeightNodes weights = new WeightNodes(graph, layout(candidates), gated ? candidates.size() : 0);
    String targets = graph.input(head.targets());
    String keep = graph.input(Tensors.KEEP, DataType.FLOAT, "batch", backbone.hiddenSize());
    String adapterKeep =
        adapterDropout && !candidates.isEmpty()
            ? graph.input(
                Tensors.ADAPTER_KEEP,
                DataType.FLOAT,
                (long) candidates.size(),
                "batch",
                1L,
                backbone.hiddenSize())
            : null;
    String scores = scores(graph, nodes, weights, candidates, keep, adapterKeep);
    String loss = head.loss().emit(graph, scores, targets);
    Set<Node> ahead = new HashSet<>(graph.build().nodes());
    weights.differentiate(loss, runtime);
    graph.outputAs(loss, Value.of(Tensors.LOSS, DataType.FLOAT));
    Graph training = precision.apply(graph.build().lean(), backbone.ranges(), ahead::contains);
    if (Operators.of(runtime) == Operators.DEVICE) {
      Graph heads = HeadsFusion.apply(training, weights.facts());
      return weights.onDevice(DeviceFusion.apply(heads, weights.facts()));
    }
    return fusedNorms ? training : LayerNormLowering.apply(training);
  }

  /** Tokens in, {@code pooled_first} and {@code pooled_mean} of the untouched backbone out. */
  public static Graph features(Backbone backbone, Precision precision) {
    GraphBuilder graph = builder("features", backbone);
    BackboneNodes nodes = new BackboneNodes(graph, backbone, 0);
    String hidden = nodes.emitWhole();
    String mask = nodes.mask();
    String first = LinearHead.pool(graph, Pooling.FIRST, hidden, mask);
    String mean = LinearHead.pool(graph, Pooling.MEAN, hidden, mask);
    graph.outputAs(
        first, Value.of(Tensors.POOLED_FIRST, DataType.FLOAT, "batch", backbone.hiddenSize()));
    graph.outputAs(
        mean, Value.of(Tensors.POOLED_MEAN, DataType.FLOAT, "batch", backbone.hiddenSize()));
    return precision.apply(graph.build(), backbone.ranges());
  }

  /** Tokens in, {@code trunk} out: the hidden states at a boundary, no adapter below it. */
  static Graph trunk(Backbone backbone, Precision precision, int boundary) {
    Value hidden =
        Value.of(
            backbone.boundaryNames().get(boundary),
            DataType.FLOAT,
            "batch",
            "seq",
            backbone.hiddenSize());
    Graph part = backbone.whole().extract("trunk", backbone.whole().inputs(), List.of(hidden));
    GraphBuilder graph = builder("trunk", backbone);
    Map<String, String> binding = new HashMap<>();
    part.inputs().forEach(input -> binding.put(input.name(), graph.input(input)));
    String made = requireNonNull(graph.append(part, binding).get(hidden.name()));
    graph.outputAs(
        made, Value.of(Tensors.TRUNK, DataType.FLOAT, "batch", "seq", backbone.hiddenSize()));
    return precision.apply(graph.build(), backbone.ranges());
  }

  private BackboneNodes nodes(GraphBuilder graph, List<Candidate> candidates, int boundary) {
    int depth = trunkDepth(candidates);
    if (boundary < 0 || boundary > depth) {
      throw new IllegalArgumentException(
          "boundary: " + boundary + " (expected: 0.." + depth + ", below all candidates)");
    }
    return new BackboneNodes(graph, backbone, boundary);
  }

  /** What the head says of the final hidden states, adapted. */
  private String scores(
      GraphBuilder graph,
      BackboneNodes nodes,
      WeightNodes weights,
      List<Candidate> candidates,
      @Nullable String keep,
      @Nullable String adapterKeep) {
    String hidden =
        nodes.emit(
            head.pooling() == Pooling.FIRST,
            (point, blockInput, blockOutput) -> {
              PointAdapters adapters = new PointAdapters(graph, backbone.hiddenSize());
              int last = -1;
              for (int i = 0; i < candidates.size(); i++) {
                if (candidates.get(i).point() == point) {
                  adapters.add(candidates.get(i).kind(), weights.of(i));
                  last = i;
                }
              }
              String adapted = adapters.emit(blockInput, blockOutput);
              return adapterKeep == null || last < 0
                  ? adapted
                  : dropOut(graph, blockOutput, adapted, adapterKeep, last);
            });
    return head.scores(graph, hidden, nodes.mask(), keep, weights.of(ParameterLayout.HEAD));
  }

  /**
   * Keeps only a part of what the adapters of a point have added; the same part for all tokens of a
   * row.
   */
  private static String dropOut(
      GraphBuilder graph, String before, String adapted, String adapterKeep, int adapter) {
    String axis = graph.constant(0L);
    String slice =
        graph.node(
            "Slice",
            adapterKeep,
            graph.constant((long) adapter),
            graph.constant(adapter + 1L),
            axis);
    String share = graph.node("Sub", adapted, before);
    String kept = graph.node("Mul", share, graph.node("Squeeze", slice, axis));
    return graph.node("Add", before, kept);
  }

  private static GraphBuilder builder(String name, Backbone backbone) {
    return new GraphBuilder(name, backbone.whole().opsets());
  }
}
