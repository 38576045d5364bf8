package io.sluice.trainer.autodiff.vjp;

import java.util.ArrayList;
import java.util.List;

/**
 * y = x laid r_i times along axis i: dx = g as (r_0, d_0, r_1, d_1, ...), summed over the r axes.
 */
final class TileRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    Emitter e = v.emit();
    int rank = v.factIn(0).rank();
    List<String> shape = new ArrayList<>();
    List<Integer> repeats = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      repeats.add(2 * axis);
      shape.add(e.op("Gather", v.in(1), e.longs(axis)));
      shape.add(e.lengthOf(v.in(0), v.factIn(0), axis));
    }
    String tiles = e.op("Reshape", v.grad(), e.concat(shape, 0));
    v.give(0, e.reduceSum(tiles, repeats, false));
  }
}
