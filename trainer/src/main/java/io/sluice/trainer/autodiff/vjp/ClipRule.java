package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Node;

/**
 * y = clip(x, min, max): dx = g where min &lt; x &lt; max, else 0. Strictly: a closed hard-concrete
 * gate, which lies on the bound, gets no gradient. The bounds are settings and get none either.
 */
final class ClipRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    Emitter e = v.emit();
    DataType type = v.factIn(0).type();
    String gradient = v.grad();
    if (v.has(1)) {
      gradient = e.keepWhere(e.op("Greater", v.in(0), v.in(1)), gradient, type);
    }
    if (v.has(2)) {
      gradient = e.keepWhere(e.op("Less", v.in(0), v.in(2)), gradient, type);
    }
    v.give(0, gradient);
  }

  @Override
  public boolean flows(Node node, int input) {
    return input == 0;
  }
}
