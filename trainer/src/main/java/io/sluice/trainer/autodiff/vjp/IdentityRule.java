package io.sluice.trainer.autodiff.vjp;

/** y = x: dx = g. */
final class IdentityRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    v.give(0, v.grad());
  }
}
