package io.sluice.trainer.autodiff.vjp;

import java.util.List;

/** y = x with axes in another order (reversed if none is given): dx = g with the inverse order. */
final class TransposeRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    int rank = v.factIn(0).rank();
    List<Long> order = v.node().intsAttribute("perm", List.of());
    long[] inverse = new long[rank];
    for (int i = 0; i < rank; i++) {
      int from = order.isEmpty() ? rank - 1 - i : Math.toIntExact(order.get(i));
      inverse[from] = i;
    }
    v.give(0, v.emit().transpose(v.grad(), inverse));
  }
}
