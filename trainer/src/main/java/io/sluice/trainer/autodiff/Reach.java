package io.sluice.trainer.autodiff;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.trainer.autodiff.vjp.VjpRule;
import io.sluice.trainer.autodiff.vjp.VjpRules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The part of a graph that has to be differentiated: what depends on the wanted tensors and what
 * the seeds depend on, both. Edges of integers and booleans, and inputs through which a rule lets
 * nothing flow, are cut. Immutable.
 *
 * @param tensors those that get a gradient
 * @param nodes those whose rule is applied, in the order of the graph
 */
record Reach(Set<String> tensors, List<Node> nodes) {

  static Reach between(Graph graph, Set<String> wanted, Set<String> seeds, TensorFacts facts) {
    Set<String> dependent = new HashSet<>(wanted);
    List<Node> candidates = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (carries(node, dependent)) {
        candidates.add(node);
        for (String output : node.writes()) {
          if (facts.of(output).isReal()) {
            dependent.add(output);
          }
        }
      }
    }
    Set<String> needed = new HashSet<>(seeds);
    List<Node> nodes = new ArrayList<>();
    Collections.reverse(candidates);
    for (Node node : candidates) {
      if (node.writes().stream()
          .anyMatch(tensor -> needed.contains(tensor) && dependent.contains(tensor))) {
        require(node, dependent);
        nodes.add(node);
        for (int i = 0; i < node.inputs().size(); i++) {
          if (flows(node, i, dependent)) {
            needed.add(node.inputs().get(i));
          }
        }
      }
    }
    Collections.reverse(nodes);
    needed.retainAll(dependent);
    return new Reach(Set.copyOf(needed), List.copyOf(nodes));
  }

  /** Whether a gradient goes from the node to this input. */
  boolean wants(Node node, int input) {
    return flows(node, input, tensors);
  }

  private static boolean carries(Node node, Set<String> dependent) {
    for (int i = 0; i < node.inputs().size(); i++) {
      if (flows(node, i, dependent)) {
        return true;
      }
    }
    // A body reads what it likes: let it be found, and refused, if it is on the way.
    return node.bodies().stream()
        .anyMatch(body -> !Collections.disjoint(body.captures(), dependent));
  }

  private static boolean flows(Node node, int input, Set<String> dependent) {
    if (!dependent.contains(node.inputs().get(input))) {
      return false;
    }
    VjpRule rule = VjpRules.of(node);
    return rule == null || rule.flows(node, input);
  }

  private static void require(Node node, Set<String> dependent) {
    if (VjpRules.of(node) != null) {
      return;
    }
    List<String> from = node.reads().stream().filter(dependent::contains).sorted().toList();
    String op = node.domain().isEmpty() ? node.op() : node.domain() + "." + node.op();
    throw new SluiceException(
        ErrorCode.FAILED_PRECONDITION,
        "op: "
            + op
            + " at node \""
            + node.name()
            + "\", from tensor "
            + String.join(", ", from)
            + " to "
            + String.join(", ", node.writes())
            + " (expected: an operator with a gradient rule, one of "
            + VjpRules.operators()
            + ")");
  }
}
