package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.Node;

/**
 * The derivative of one operator: given the gradients of a node's outputs, it emits nodes for those
 * of its inputs.
 *
 * <p>A rule asks {@link Vjp#wants(int)} before it emits anything for an input, so that frozen
 * operands cost nothing. Implementations are stateless.
 */
public interface VjpRule {

  /** Emits the gradients of the wanted inputs and hands them to {@link Vjp#give(int, String)}. */
  void emit(Vjp vjp);

  /**
   * Whether any gradient flows from the node's outputs to this input. Only for real-valued inputs
   * whose derivative is zero or means nothing (a dropout rate); integer and boolean inputs are
   * stopped by their type.
   */
  default boolean flows(Node node, int input) {
    return true;
  }
}
