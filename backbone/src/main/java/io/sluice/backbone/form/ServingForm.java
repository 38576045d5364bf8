package io.sluice.backbone.form;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Graph;

/** The form in which parts of a frozen encoder are computed when nothing is learned. Stateless. */
public final class ServingForm {
  private ServingForm() {}

  /** The graph in this form; the same inputs and outputs, values the same but for rounding. */
  public static Graph of(Graph graph) {
    return LayerNormForm.of(requireNonNull(graph, "graph"));
  }
}
