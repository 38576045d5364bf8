package io.sluice.trainer.model;

import io.sluice.backbone.graph.GraphBuilder;
import java.util.List;
import java.util.Map;

/**
 * y + W_up gelu(W_down y + b) + c, after the block (Houlsby et al. 2019; Pfeiffer et al. 2021).
 *
 * @param rank width of the bottleneck
 */
public record BottleneckSequential(int rank) implements AdapterKind {
  public BottleneckSequential {
    Bottleneck.requireRank(rank);
  }

  @Override
  public AdapterForm form() {
    return AdapterForm.BOTTLENECK_SEQUENTIAL;
  }

  @Override
  public List<ParameterSpec> parameters(int hidden) {
    return Bottleneck.parameters(hidden, rank);
  }

  @Override
  public String delta(
      GraphBuilder graph, String blockInput, String blockOutput, Map<String, String> weights) {
    return Bottleneck.emit(graph, blockOutput, weights);
  }
}
