package io.sluice.trainer.model;

import io.sluice.backbone.graph.GraphBuilder;
import java.util.List;
import java.util.Map;

/**
 * A form of adapter: which weights it has and which nodes compute it. The gate multiplies the
 * weights marked {@link ParameterSpec#gated}, never an activation, so the graph with a gate, the
 * graph with the gate folded into the weights and the graph without one are all the nodes of {@link
 * #emit}; with all gated weights at zero the block's output passes unchanged.
 */
public sealed interface AdapterKind permits BottleneckSequential {
  /** Its name in manifests and on the command line. */
  String code();

  /** Its inner width; 0 where it has none. */
  int rank();

  /** Its weights, in the order they are stored. */
  List<ParameterSpec> parameters(int hidden);

  /**
   * Writes its nodes.
   *
   * @param blockInput tensor (batch, seq, hidden) that enters the block
   * @param blockOutput tensor (batch, seq, hidden) that the block hands on
   * @param weights tensor of each of {@link #parameters} by name
   * @return tensor (batch, seq, hidden) in the place of {@code blockOutput}
   */
  String emit(
      GraphBuilder graph, String blockInput, String blockOutput, Map<String, String> weights);

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
