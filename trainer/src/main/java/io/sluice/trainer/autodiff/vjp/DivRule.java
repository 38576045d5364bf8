package io.sluice.trainer.autodiff.vjp;

/**
 * y = a / b with broadcasting: da = g / b, db = -(g / b) y, each summed over the axes along which
 * the operand was repeated.
 */
final class DivRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    Emitter e = v.emit();
    String quotient = e.div(v.grad(), v.in(1));
    if (v.wants(0)) {
      v.giveBroadcast(0, quotient, v.factOut(0));
    }
    if (v.wants(1)) {
      String sum = e.unbroadcast(e.mul(quotient, v.out(0)), v.factOut(0), v.factIn(1));
      v.give(1, e.op("Neg", sum));
    }
  }
}
