package io.sluice.trainer.autodiff.vjp;

/**
 * y = a - b with broadcasting: da = g, db = -g, each summed over the axes along which the operand
 * was repeated.
 */
final class SubRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    if (v.wants(0)) {
      v.giveBroadcast(0, v.grad(), v.factOut(0));
    }
    if (v.wants(1)) {
      // Summed first, negated after: the negation is then over the smaller tensor.
      v.give(1, v.emit().op("Neg", v.emit().unbroadcast(v.grad(), v.factOut(0), v.factIn(1))));
    }
  }
}
