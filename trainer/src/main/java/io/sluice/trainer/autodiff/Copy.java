package io.sluice.trainer.autodiff;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;

/**
 * A builder that starts out with the inputs, weights and nodes of a graph under their own names;
 * without its outputs.
 */
final class Copy {

  private Copy() {}

  static GraphBuilder of(Graph graph) {
    GraphBuilder builder = new GraphBuilder(graph.name(), graph.opsets());
    graph.inputs().forEach(builder::input);
    graph.initializers().forEach(builder::initializer);
    graph.nodes().forEach(builder::add);
    return builder;
  }
}
