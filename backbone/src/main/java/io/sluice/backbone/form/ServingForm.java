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
    return device.isCuda()
        ? CastForm.of(AttentionForm.of(graph))
        : LayerNormForm.of(SumNormForm.of(AttentionForm.ofProducts(graph)));
  }

  /**
   * The last part of an encoder in that form, for those who read the first token only.
   *
   * @param part see {@link FirstTokenForm#of}
   */
  public static Graph ofFirstToken(Graph part, Device device) {
    // What is cut is no attention any more that a form knows. That of a GPU is cut all the same;
    // on the processor what is saved by cutting early is more.
    return device.isCuda()
        ? FirstTokenForm.of(of(part, device))
        : of(FirstTokenForm.of(part), device);
  }
}
