package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.DataType;
import java.util.ArrayList;
import java.util.List;

/**
 * y = max(x_1, ..., x_n) or min, element by element with broadcasting: dx_i = g where x_i = y,
 * shared evenly among ties, else 0.
 */
final class ExtremumRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    Emitter e = v.emit();
    DataType type = v.factOut(0).type();
    List<String> hits = new ArrayList<>();
    for (int i = 0; i < v.inputs(); i++) {
      hits.add(e.cast(e.op("Equal", v.in(i), v.out(0)), type));
    }
    String share = e.div(v.grad(), e.sum(hits));
    for (int i = 0; i < v.inputs(); i++) {
      if (v.wants(i)) {
        v.giveBroadcast(i, e.mul(share, hits.get(i)), v.factOut(0));
      }
    }
  }
}
