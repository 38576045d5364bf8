package io.sluice.trainer.autodiff.vjp;

import java.util.List;

/**
 * y = softmax(x) along an axis: dx = y (g - sum(g y)). From y alone: masked positions have y = 0
 * and get none.
 */
final class SoftmaxRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    Emitter e = v.emit();
    int axis = v.factIn(0).axis(v.node().intAttribute("axis", -1));
    if (axis == v.factIn(0).rank() - 1 && e.hasDevice(v.factIn(0).type())) {
      v.give(0, e.device("SoftmaxGradient", v.grad(), v.out(0)));
      return;
    }
    String total = e.reduceSum(e.mul(v.grad(), v.out(0)), List.of(axis), true);
    v.give(0, e.mul(v.out(0), e.sub(v.grad(), total)));
  }
}
