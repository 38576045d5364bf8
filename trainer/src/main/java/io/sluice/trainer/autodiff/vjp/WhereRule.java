package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.DataType;

/** y = a where c, else b, with broadcasting: da = g where c, else 0; db = 0 where c, else g. */
final class WhereRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    Emitter e = v.emit();
    DataType type = v.factOut(0).type();
    String zero = e.scalar(type, 0);
    if (v.wants(1)) {
      v.giveBroadcast(1, e.op("Where", v.in(0), v.grad(), zero), v.factOut(0));
    }
    if (v.wants(2)) {
      v.giveBroadcast(2, e.op("Where", v.in(0), zero, v.grad()), v.factOut(0));
    }
  }
}
