package io.sluice.trainer.autodiff.vjp;

/**
 * y[i, j] = x[index[i, j], j] along an axis: dx = zeros with g added at those elements
 * (ScatterElements).
 */
final class GatherElementsRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    Emitter e = v.emit();
    int axis = v.factIn(0).axis(v.node().intAttribute("axis", 0));
    String zeros = e.zerosLike(v.in(0), v.factIn(0));
    v.give(0, e.scatterAdd(zeros, axis, v.in(1), v.grad()));
  }
}
