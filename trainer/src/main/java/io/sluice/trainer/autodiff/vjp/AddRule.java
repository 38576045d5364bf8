package io.sluice.trainer.autodiff.vjp;

/**
 * y = a + b with broadcasting: da = g, db = g, each summed over the axes along which the operand
 * was repeated.
 */
final class AddRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    for (int i = 0; i < 2; i++) {
      if (v.wants(i)) {
        v.giveBroadcast(i, v.grad(), v.factOut(0));
      }
    }
  }
}
