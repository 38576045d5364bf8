package io.sluice.backbone.form;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.runtime.Device;

/** The form in which parts of a frozen encoder are computed when nothing is learned. Stateless. */
public final class ServingForm {
  private ServingForm() {}

  /** The graph in the form for the processor. */
  public static Graph of(Graph graph) {
    return of(graph, Device.CPU);
  }

  /**
   * The graph in the form for a device; the same inputs and outputs, values the same but for
   * rounding. A graph in that form already comes back as it is.
   */
  public static Graph of(Graph graph, Device device) {
    requireNonNull(graph, "graph");
    return device.isCuda() ? CastForm.of(AttentionForm.of(graph)) : LayerNormForm.of(graph);
  }
}
