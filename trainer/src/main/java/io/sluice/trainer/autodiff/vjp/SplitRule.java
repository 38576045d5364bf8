package io.sluice.trainer.autodiff.vjp;

import java.util.ArrayList;
import java.util.List;

/** y_1, ..., y_n = x cut along an axis: dx = g_1, ..., g_n joined, zeros where none arrived. */
final class SplitRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < v.outputs(); i++) {
      parts.add(v.grad(i));
    }
    int axis = v.factIn(0).axis(v.node().intAttribute("axis", 0));
    v.give(0, v.emit().concat(parts, axis));
  }
}
