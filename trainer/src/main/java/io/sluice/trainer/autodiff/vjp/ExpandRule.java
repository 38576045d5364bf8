package io.sluice.trainer.autodiff.vjp;

/** y = x broadcast to a shape: dx = g summed over the axes along which x was repeated. */
final class ExpandRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    v.giveBroadcast(0, v.grad(), v.factOut(0));
  }
}
