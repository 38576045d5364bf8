package io.sluice.trainer.autodiff;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import java.util.HashMap;
import java.util.Map;

/**
 * A builder that starts out with the inputs, weights and nodes of a graph under their own names;
 * without its outputs.
 */
final class Copy {

  private Copy() {}

  /** Copies the graph; {@code moreOpsets} are added to its own. */
  static GraphBuilder of(Graph graph, Map<String, Long> moreOpsets) {
    Map<String, Long> opsets = new HashMap<>(moreOpsets);
    opsets.putAll(graph.opsets());
    GraphBuilder builder = new GraphBuilder(graph.name(), opsets);
    graph.inputs().forEach(builder::input);
    graph.initializers().forEach(builder::initializer);
    graph.nodes().forEach(builder::add);
    return builder;
  }
}
