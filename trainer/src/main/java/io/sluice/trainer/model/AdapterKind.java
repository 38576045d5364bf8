package io.sluice.trainer.model;

import io.sluice.backbone.graph.GraphBuilder;
import java.util.List;
import java.util.Map;

/**
 * A form of adapter: which weights it has and which nodes compute what it adds to a block's output.
 * All candidates at a point see the same block, and what they add is summed up, so several of one
 * kind are one of their joint width. The gate multiplies the weights marked {@link
 * ParameterSpec#gated}, never an activation, so the graph with a gate, the graph with the gate
 * folded into the weights and the graph without one are all the nodes of {@link #delta}; with all
 * gated weights at zero nothing is added.
 */
public sealed interface AdapterKind
    permits BottleneckSequential, BottleneckParallel, LowRank, ScaleShift {
  /** Which form it is. */
  AdapterForm form();

  /** Its inner width; 0 where it has none. */
  int rank();

  /** Its weights, in the order they are stored. */
  List<ParameterSpec> parameters(int hidden);

  /**
   * Writes its nodes.
   *
   * @param blockInput tensor (batch, seq, hidden) that enters the block; seq is 1 where only first
   *     tokens are computed
   * @param blockOutput tensor (batch, seq, hidden) that the block hands on, of the same tokens
   * @param weights tensor of each of {@link #parameters} by name
   * @return tensor (batch, seq, hidden) to be added to {@code blockOutput}
   */
  String delta(
      GraphBuilder graph, String blockInput, String blockOutput, Map<String, String> weights);

  /** Its name in manifests. */
  default String code() {
    return form().code();
  }

  /** How many numbers are learned. */
  default long parameterCount(int hidden) {
    return parameters(hidden).stream().mapToLong(ParameterSpec::size).sum();
  }

  /** Operations a token: two a number of a matrix, which multiplies and adds, one a vector's. */
  default long flopsPerToken(int hidden) {
    return parameters(hidden).stream()
        .mapToLong(spec -> (spec.shape().size() > 1 ? 2L : 1L) * spec.size())
        .sum();
  }
}
