package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.Node;

/**
 * Functions whose derivative is zero almost everywhere (rounding, signs) or that do not depend on
 * the values of their input: nothing flows through them.
 */
final class StopRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    throw v.failure("no gradient flows through it");
  }

  @Override
  public boolean flows(Node node, int input) {
    return false;
  }
}
