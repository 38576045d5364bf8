package io.sluice.trainer.autodiff.vjp;

/**
 * y = a b, element by element with broadcasting: da = g b, db = g a, each summed over the axes
 * along which the operand was repeated. A scalar gate is the case where that is all axes.
 */
final class MulRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    for (int i = 0; i < 2; i++) {
      if (v.wants(i)) {
        v.giveBroadcast(i, v.emit().mul(v.grad(), v.in(1 - i)), v.factOut(0));
      }
    }
  }
}
