package io.sluice.trainer.model;

import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import java.util.List;
import java.util.Map;

/** Activation functions as nodes. */
final class Activations {
  private Activations() {}

  /** x Phi(x), exact, as the one fused node the runtime has for it. */
  static String gelu(GraphBuilder graph, String x) {
    return graph.node(Node.MICROSOFT, "Gelu", List.of(x), 1, Map.of()).get(0);
  }
}
