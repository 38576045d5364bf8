package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.Attribute;
import java.util.List;
import java.util.Map;

/** y = running sums of x along an axis: dx = running sums of g from the other end. */
final class CumSumRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    Map<String, Attribute> attributes =
        Map.of(
            "exclusive", Attribute.of(v.node().intAttribute("exclusive", 0)),
            "reverse", Attribute.of(1 - v.node().intAttribute("reverse", 0)));
    v.give(0, v.emit().op("CumSum", List.of(v.grad(), v.in(1)), attributes));
  }
}
