package io.sluice.trainer.model;

import io.sluice.backbone.graph.GraphBuilder;
import java.util.List;
import java.util.Map;

/**
 * y + W_up gelu(W_down x + b) + c, around the block: it sees what enters it (He et al. 2022).
 *
 * @param rank width of the bottleneck
 */
public record BottleneckParallel(int rank) implements AdapterKind {
  public BottleneckParallel {
    Bottleneck.requireRank(rank);
  }

  @Override
  public AdapterForm form() {
    return AdapterForm.BOTTLENECK_PARALLEL;
  }

  @Override
  public List<ParameterSpec> parameters(int hidden) {
    return Bottleneck.parameters(hidden, rank);
  }

  @Override
  public String delta(
      GraphBuilder graph, String blockInput, String blockOutput, Map<String, String> weights) {
    return Bottleneck.emit(graph, blockInput, weights);
  }
}
