package io.sluice.trainer.autodiff.vjp;

/** Reshape, Squeeze, Unsqueeze, Flatten: y = x in another shape; dx = g in the shape of x. */
final class ReshapeRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    v.give(0, v.emit().reshapeLike(v.grad(), v.factOut(0), v.in(0), v.factIn(0)));
  }
}
