package io.sluice.trainer.autodiff;

import io.sluice.backbone.graph.Node;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * x (1 + erf(x / sqrt 2)) / 2, its factors multiplied in any order, as one Gelu; the same with
 * tanh(sqrt(2/pi) (x + 0.044715 x^3)) as one FastGelu.
 */
final class GeluPattern implements Pattern {

  @Override
  public Match at(Node last, Subject graph) {
    if (!last.is("Mul")) {
      return Match.NONE;
    }
    Product product = new Product(graph);
    product.collect(last);
    if (product.tensors.size() != 2 || !Subject.close(product.constant, 0.5)) {
      return Match.NONE;
    }
    for (int i = 0; i < 2; i++) {
      String x = product.tensors.get(i);
      Set<Node> nodes = new HashSet<>(product.nodes);
      String op = onePlus(product.tensors.get(1 - i), x, graph, nodes);
      if (op != null) {
        Node written =
            new Node(Node.MICROSOFT, op, last.name(), List.of(x), last.outputs(), Map.of());
        return new Match(nodes, List.of(written));
      }
    }
    return Match.NONE;
  }

  /** The fused operator if the factor is one plus erf or tanh of the right function of x. */
  private static @Nullable String onePlus(String factor, String x, Subject graph, Set<Node> nodes) {
    Node add = graph.maker(factor, "Add");
    if (add == null || !graph.isPrivate(add) || !graph.hasScalar(add, 1)) {
      return null;
    }
    nodes.add(add);
    String inner = graph.other(add);
    Node erf = graph.maker(inner, "Erf");
    if (erf != null && graph.isPrivate(erf)) {
      nodes.add(erf);
      return isOverRootTwo(erf, x, graph, nodes) ? "Gelu" : null;
    }
    Node tanh = graph.maker(inner, "Tanh");
    if (tanh != null && graph.isPrivate(tanh)) {
      nodes.add(tanh);
      return isCubic(tanh, x, graph, nodes) ? "FastGelu" : null;
    }
    return null;
  }

  private static boolean isOverRootTwo(Node erf, String x, Subject graph, Set<Node> nodes) {
    Node div = graph.inner(erf, 0, "Div");
    if (div != null) {
      nodes.add(div);
      return x.equals(div.input(0)) && Subject.close(graph.scalar(div.input(1)), Math.sqrt(2));
    }
    Node mul = graph.inner(erf, 0, "Mul");
    if (mul == null) {
      return false;
    }
    nodes.add(mul);
    return x.equals(graph.other(mul)) && graph.hasScalar(mul, Math.sqrt(0.5));
  }

  private static boolean isCubic(Node tanh, String x, Subject graph, Set<Node> nodes) {
    Node scaled = graph.inner(tanh, 0, "Mul");
    if (scaled == null || !graph.hasScalar(scaled, Math.sqrt(2 / Math.PI))) {
      return false;
    }
    Node sum = graph.maker(graph.other(scaled), "Add");
    if (sum == null || !graph.isPrivate(sum) || !sum.inputs().contains(x)) {
      return false;
    }
    Node term = graph.inner(sum, x.equals(sum.input(0)) ? 1 : 0, "Mul");
    if (term == null || !graph.hasScalar(term, 0.044715)) {
      return false;
    }
    Node cube = graph.maker(graph.other(term), "Pow");
    if (cube == null || !graph.isPrivate(cube)) {
      return false;
    }
    nodes.addAll(List.of(scaled, sum, term, cube));
    return x.equals(cube.input(0)) && Subject.close(graph.scalar(cube.input(1)), 3);
  }

  /** A tree of multiplications, taken apart: one constant and the tensors. */
  private static final class Product {
    final Subject graph;
    final List<String> tensors = new ArrayList<>();
    final Set<Node> nodes = new HashSet<>();
    double constant = 1;

    Product(Subject graph) {
      this.graph = graph;
    }

    void collect(Node mul) {
      nodes.add(mul);
      for (int i = 0; i < 2; i++) {
        double scalar = graph.scalar(mul.input(i));
        Node inner = graph.inner(mul, i, "Mul");
        if (!Double.isNaN(scalar)) {
          constant *= scalar;
        } else if (inner != null) {
          collect(inner);
        } else {
          tensors.add(mul.inputs().get(i));
        }
      }
    }
  }
}
