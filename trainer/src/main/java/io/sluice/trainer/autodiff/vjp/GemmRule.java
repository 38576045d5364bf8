package io.sluice.trainer.autodiff.vjp;

/**
 * y = alpha op(a) op(b) + beta c for matrices, where op may transpose: da = alpha g op(b)', db =
 * alpha op(a)' g (swapped where the operand is transposed), dc = beta g summed over the axes along
 * which c was repeated.
 */
final class GemmRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    Emitter e = v.emit();
    boolean transA = v.node().intAttribute("transA", 0) != 0;
    boolean transB = v.node().intAttribute("transB", 0) != 0;
    double alpha = v.node().floatAttribute("alpha", 1f);
    double beta = v.node().floatAttribute("beta", 1f);
    if (v.wants(0)) {
      v.give(
          0,
          transA
              ? e.gemm(v.in(1), transB, v.grad(), true, alpha)
              : e.gemm(v.grad(), false, v.in(1), !transB, alpha));
    }
    if (v.wants(1)) {
      v.give(
          1,
          transB
              ? e.gemm(v.grad(), true, v.in(0), transA, alpha)
              : e.gemm(v.in(0), !transA, v.grad(), false, alpha));
    }
    if (v.wants(2)) {
      String sum = e.unbroadcast(v.grad(), v.factOut(0), v.factIn(2));
      v.give(2, e.scale(sum, beta, v.factIn(2).type()));
    }
  }
}
