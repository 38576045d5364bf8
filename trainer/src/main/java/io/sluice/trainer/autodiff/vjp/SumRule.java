package io.sluice.trainer.autodiff.vjp;

/**
 * y = x_1 + ... + x_n with broadcasting: dx_i = g, summed over the axes along which x_i was
 * repeated.
 */
final class SumRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    for (int i = 0; i < v.inputs(); i++) {
      if (v.wants(i)) {
        v.giveBroadcast(i, v.grad(), v.factOut(0));
      }
    }
  }
}
