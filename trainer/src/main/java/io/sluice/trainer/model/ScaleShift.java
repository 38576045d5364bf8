package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.GraphBuilder;
import java.util.List;
import java.util.Map;

/**
 * y (1 + s) + t with a factor and an offset for each hidden number, after the block (Lian et al.
 * 2022). Both start at zero and carry the gate.
 */
public record ScaleShift() implements AdapterKind {
  private static final String SCALE = "scale"; // (hidden)
  private static final String SHIFT = "shift"; // (hidden)

  @Override
  public AdapterForm form() {
    return AdapterForm.SCALE_SHIFT;
  }

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public List<ParameterSpec> parameters(int hidden) {
    return List.of(
        new ParameterSpec(SCALE, List.of(hidden), 0, false, true, Joint.SUM),
        new ParameterSpec(SHIFT, List.of(hidden), 0, false, true, Joint.SUM));
  }

  @Override
  public String delta(
      GraphBuilder graph, String blockInput, String blockOutput, Map<String, String> weights) {
    String scaled = graph.node("Mul", blockOutput, requireNonNull(weights.get(SCALE), SCALE));
    return graph.node("Add", scaled, requireNonNull(weights.get(SHIFT), SHIFT));
  }
}
