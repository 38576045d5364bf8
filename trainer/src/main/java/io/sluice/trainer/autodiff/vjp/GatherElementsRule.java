package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.Attribute;
import java.util.List;
import java.util.Map;

/**
 * y[i, j] = x[index[i, j], j] along an axis: dx = zeros with g added at those elements
 * (ScatterElements).
 */
final class GatherElementsRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    Emitter e = v.emit();
    if (e.opset() < 16) {
      throw v.failure("opset " + e.opset() + " has no adding ScatterElements (expected: >= 16)");
    }
    Map<String, Attribute> attributes =
        Map.of(
            "axis", Attribute.of(v.node().intAttribute("axis", 0)),
            "reduction", Attribute.of("add"));
    String zeros = e.zerosLike(v.in(0), v.factIn(0));
    v.give(0, e.op("ScatterElements", List.of(zeros, v.in(1), v.grad()), attributes));
  }
}
