package io.sluice.trainer.autodiff.vjp;

import java.util.ArrayList;
import java.util.List;

/** y = x_1, ..., x_n joined along an axis: dx_i = the part of g where x_i lies. */
final class ConcatRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    Emitter e = v.emit();
    int axis = v.factOut(0).axis(v.node().intAttribute("axis", 0));
    List<String> lengths = new ArrayList<>();
    boolean known = true;
    long[] sizes = new long[v.inputs()];
    for (int i = 0; i < v.inputs(); i++) {
      known &= v.factIn(i).dim(axis).isKnown();
      sizes[i] = v.factIn(i).dim(axis).small();
    }
    if (!known) {
      for (int i = 0; i < v.inputs(); i++) {
        lengths.add(e.lengthOf(v.in(i), v.factIn(i), axis));
      }
    }
    String cuts = known ? e.longs(sizes) : e.concat(lengths, 0);
    List<String> parts = e.split(v.grad(), axis, cuts, v.inputs());
    for (int i = 0; i < v.inputs(); i++) {
      if (v.wants(i)) {
        v.give(i, parts.get(i));
      }
    }
  }
}
