package io.sluice.trainer.autodiff;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.Node;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A matrix product before or after which a constant is multiplied in, as one FusedMatMul with that
 * factor.
 */
final class ScaledMatMulPattern implements Pattern {

  @Override
  public Match at(Node last, Subject graph) {
    if (last.is("MatMul")) {
      return before(last, graph);
    }
    Scaling scaling = Scaling.of(last, graph);
    Node product = scaling == null ? null : graph.maker(scaling.x, "MatMul");
    if (scaling == null || product == null || !graph.isPrivate(product)) {
      return Match.NONE;
    }
    return match(Set.of(last, product), product.inputs(), scaling.factor, last);
  }

  private static Match before(Node product, Subject graph) {
    for (int i = 0; i < 2; i++) {
      for (String op : List.of("Mul", "Div")) {
        Node scaled = graph.inner(product, i, op);
        Scaling scaling = scaled == null ? null : Scaling.of(scaled, graph);
        if (scaled != null && scaling != null) {
          List<String> inputs =
              i == 0
                  ? List.of(scaling.x, product.inputs().get(1))
                  : List.of(product.inputs().get(0), scaling.x);
          return match(Set.of(scaled, product), inputs, scaling.factor, product);
        }
      }
    }
    return Match.NONE;
  }

  private static Match match(Set<Node> replaced, List<String> inputs, double factor, Node last) {
    Node written =
        new Node(
            Node.MICROSOFT,
            "FusedMatMul",
            last.name(),
            inputs,
            last.outputs(),
            Map.of("alpha", Attribute.of((float) factor)));
    return new Match(new HashSet<>(replaced), List.of(written));
  }

  /** factor x. */
  private record Scaling(String x, double factor) {

    static @Nullable Scaling of(Node node, Subject graph) {
      String x = node.inputs().size() == 2 ? graph.other(node) : null;
      if (x == null) {
        return null;
      }
      if (node.is("Mul")) {
        return new Scaling(x, graph.scalarOf(node));
      }
      return node.is("Div") && x.equals(node.input(0))
          ? new Scaling(x, 1 / graph.scalar(node.input(1)))
          : null;
    }
  }
}
