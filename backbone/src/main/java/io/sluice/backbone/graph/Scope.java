package io.sluice.backbone.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The names of one graph or body, checked: each made once, each read only after it is made. */
final class Scope {
  private final String graph;
  private final Set<String> known = new HashSet<>();
  private final Set<String> outside = new LinkedHashSet<>();

  private Scope(String graph) {
    this.graph = graph;
  }

  /**
   * Checks the names and returns those that are read but made nowhere inside, in the order in which
   * they are met.
   */
  static Set<String> check(
      String graph,
      List<Value> inputs,
      List<String> outputs,
      List<Node> nodes,
      Collection<String> initializers) {
    Scope scope = new Scope(graph);
    inputs.forEach(input -> scope.make(input.name(), "an input"));
    initializers.forEach(name -> scope.make(name, "an initializer"));
    for (Node node : nodes) {
      node.reads().forEach(scope::read);
      node.writes().forEach(name -> scope.make(name, node.describe()));
    }
    Set<String> seen = new HashSet<>();
    for (String output : outputs) {
      scope.read(output);
      if (!seen.add(output)) {
        throw scope.broken("output " + output, "listed twice", "once");
      }
    }
    return scope.outside;
  }

  /**
   * The nodes so ordered that each comes after those it reads from; equal input gives equal order.
   */
  static List<Node> sort(String graph, List<Node> nodes) {
    Map<String, Integer> makers = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (String name : nodes.get(i).writes()) {
        makers.put(name, i);
      }
    }
    int[] state = new int[nodes.size()];
    List<Node> sorted = new ArrayList<>(nodes.size());
    Deque<Integer> stack = new ArrayDeque<>();
    for (int root = 0; root < nodes.size(); root++) {
      stack.push(root);
      while (!stack.isEmpty()) {
        visit(graph, nodes, makers, state, sorted, stack);
      }
    }
    return sorted;
  }

  /** One step of a depth-first walk; state 0 is new, 1 is open, 2 is placed. */
  private static void visit(
      String graph,
      List<Node> nodes,
      Map<String, Integer> makers,
      int[] state,
      List<Node> sorted,
      Deque<Integer> stack) {
    int current = stack.peek();
    if (state[current] == 2) {
      stack.pop();
      return;
    }
    if (state[current] == 1) {
      state[current] = 2;
      sorted.add(nodes.get(current));
      stack.pop();
      return;
    }
    state[current] = 1;
    List<Integer> before = new ArrayList<>();
    for (String name : nodes.get(current).reads()) {
      Integer maker = makers.get(name);
      if (maker != null && state[maker] == 1) {
        throw new IllegalArgumentException(
            "graph "
                + graph
                + ": "
                + nodes.get(current).describe()
                + ": in a cycle (expected: no cycle)");
      }
      if (maker != null && state[maker] == 0) {
        before.add(maker);
      }
    }
    for (int i = before.size() - 1; i >= 0; i--) {
      stack.push(before.get(i));
    }
  }

  private void make(String name, String maker) {
    if (outside.contains(name)) {
      throw broken(
          "tensor " + name, "read before " + maker + " makes it", "nodes in topological order");
    }
    if (!known.add(name)) {
      throw broken("tensor " + name, "made again by " + maker, "made once");
    }
  }

  private void read(String name) {
    if (!known.contains(name)) {
      outside.add(name);
    }
  }

  private IllegalArgumentException broken(String what, String found, String expected) {
    return new IllegalArgumentException(
        "graph " + graph + ": " + what + ": " + found + " (expected: " + expected + ")");
  }
}
