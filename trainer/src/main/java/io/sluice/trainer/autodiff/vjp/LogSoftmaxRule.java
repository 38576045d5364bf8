package io.sluice.trainer.autodiff.vjp;

import java.util.List;

/** y = log softmax(x) along an axis: dx = g - exp(y) sum(g). */
final class LogSoftmaxRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    Emitter e = v.emit();
    int axis = v.factIn(0).axis(v.node().intAttribute("axis", -1));
    String total = e.reduceSum(v.grad(), List.of(axis), true);
    v.give(0, e.sub(v.grad(), e.mul(e.op("Exp", v.out(0)), total)));
  }
}
