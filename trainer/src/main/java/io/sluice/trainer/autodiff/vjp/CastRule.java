package io.sluice.trainer.autodiff.vjp;

/** y = x as another real type: dx = g as the type of x. */
final class CastRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    boolean same = v.factIn(0).type() == v.factOut(0).type();
    v.give(0, same ? v.grad() : v.emit().cast(v.grad(), v.factIn(0).type()));
  }
}
