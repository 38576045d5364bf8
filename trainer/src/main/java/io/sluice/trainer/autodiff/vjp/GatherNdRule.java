package io.sluice.trainer.autodiff.vjp;

/** y = the slices of x at index tuples: dx = zeros with g added at those tuples (ScatterND). */
final class GatherNdRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    if (v.node().intAttribute("batch_dims", 0) != 0) {
      throw v.failure("batch_dims is set (expected: 0)");
    }
    String zeros = v.emit().zerosLike(v.in(0), v.factIn(0));
    v.give(0, v.emit().scatterAdd(zeros, v.in(1), v.grad()));
  }
}
