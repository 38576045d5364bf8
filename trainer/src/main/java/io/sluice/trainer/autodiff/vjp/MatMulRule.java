package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * y = alpha op(a) op(b), MatMul and com.microsoft FusedMatMul, where op may swap the last two axes.
 *
 * <p>da = alpha g op(b)', db = alpha op(a)' g, written with the transposes and alpha inside the
 * product, and summed over batch axes along which an operand was repeated. A weight (k, n) under a
 * batch (..., m, k) gets one matrix product over all rows at once: db = reshape(a, (-1, k))'
 * reshape(g, (-1, n)), or the transpose of that with the factors swapped where n is less than k and
 * products are the processor's.
 */
final class MatMulRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    if (v.node().intAttribute("transBatchA", 0) != 0
        || v.node().intAttribute("transBatchB", 0) != 0) {
      throw v.failure("transBatchA or transBatchB is set (expected: 0)");
    }
    int rankA = v.factIn(0).rank();
    int rankB = v.factIn(1).rank();
    if (rankA == 1 || rankB == 1) {
      vectors(v, rankA == 1, rankB == 1);
      return;
    }
    if (v.wants(0)) {
      left(v);
    }
    if (v.wants(1)) {
      right(v);
    }
  }

  private static void left(Vjp v) {
    Product p = new Product(v);
    String gradient =
        p.transA
            ? p.times(v.in(1), p.rankB, p.transB, v.grad(), p.rankY, true)
            : p.times(v.grad(), p.rankY, false, v.in(1), p.rankB, !p.transB);
    v.give(0, p.sumBatch(gradient, 0));
  }

  private static void right(Vjp v) {
    Product p = new Product(v);
    TensorFact b = v.factIn(1);
    if (p.rankB == 2 && p.rankA > 2 && !p.transA && b.isKnown()) {
      long k = b.dim(p.transB ? 1 : 0).size();
      long n = b.dim(p.transB ? 0 : 1).size();
      Emitter e = v.emit();
      String rows = e.reshape(v.in(0), -1, k);
      String slopes = e.reshape(v.grad(), -1, n);
      if (p.transB) {
        v.give(1, e.gemm(slopes, true, rows, false, p.alpha));
      } else if (n < k && !e.hasDevice(v.factIn(1).type())) {
        // The narrower one is turned, for its copy is smaller; as Gemm it would be fused back.
        DataType type = v.factIn(1).type();
        v.give(1, e.transpose(e.matMul(slopes, 2, true, rows, 2, false, p.alpha, type), 1, 0));
      } else {
        v.give(1, e.gemm(rows, true, slopes, false, p.alpha));
      }
      return;
    }
    String gradient =
        p.transB
            ? p.times(v.grad(), p.rankY, true, v.in(0), p.rankA, p.transA)
            : p.times(v.in(0), p.rankA, !p.transA, v.grad(), p.rankY, false);
    v.give(1, p.sumBatch(gradient, 1));
  }

  /**
   * A vector operand counts as a row on the left or a column on the right, and its axis is absent
   * from y.
   */
  private static void vectors(Vjp v, boolean left, boolean right) {
    Emitter e = v.emit();
    DataType type = v.factIn(0).type();
    String g = v.grad();
    TensorFact y = v.factOut(0);
    if (right) {
      g = e.unsqueeze(g, List.of(y.rank()));
    }
    if (left) {
      g = e.unsqueeze(g, List.of(y.rank() - (right ? 0 : 1)));
    }
    // g is now (..., m, n), with m = 1 for a row and n = 1 for a column.
    int rankG = y.rank() + (left ? 1 : 0) + (right ? 1 : 0);
    String a = left ? e.unsqueeze(v.in(0), List.of(0)) : v.in(0);
    String b = right ? e.unsqueeze(v.in(1), List.of(1)) : v.in(1);
    int rankA = left ? 2 : v.factIn(0).rank();
    int rankB = right ? 2 : v.factIn(1).rank();
    if (v.wants(0)) {
      String da = e.matMul(g, rankG, false, b, rankB, true, 1, type);
      v.give(0, left ? sumTo(e, da, rankG, rankG - 1) : da);
    }
    if (v.wants(1)) {
      String db = e.matMul(a, rankA, true, g, rankG, false, 1, type);
      v.give(1, right ? sumTo(e, db, rankG, rankG - 2) : db);
    }
  }

  /** Sums over every axis but one. */
  private static String sumTo(Emitter e, String x, int rank, int kept) {
    List<Integer> axes = IntStream.range(0, rank).filter(i -> i != kept).boxed().toList();
    return e.reduceSum(x, axes, false);
  }

  private static final class Product {
    final Vjp v;
    final boolean transA;
    final boolean transB;
    final double alpha;
    final int rankA;
    final int rankB;
    final int rankY;

    Product(Vjp v) {
      this.v = v;
      this.transA = v.node().intAttribute("transA", 0) != 0;
      this.transB = v.node().intAttribute("transB", 0) != 0;
      this.alpha = v.node().floatAttribute("alpha", 1f);
      this.rankA = v.factIn(0).rank();
      this.rankB = v.factIn(1).rank();
      this.rankY = v.factOut(0).rank();
    }

    String times(String a, int rankA, boolean transA, String b, int rankB, boolean transB) {
      return v.emit().matMul(a, rankA, transA, b, rankB, transB, alpha, v.factIn(0).type());
    }

    /** The product has the batch axes of y; an operand may have fewer, or ones. */
    String sumBatch(String gradient, int input) {
      TensorFact to = v.factIn(input);
      List<Extent> dims = new ArrayList<>(v.factOut(0).dims().subList(0, rankY - 2));
      dims.addAll(to.dims().subList(to.rank() - 2, to.rank()));
      return v.emit().unbroadcast(gradient, new TensorFact(to.type(), dims), to);
    }
  }
}
