package io.sluice.backbone.importer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The dominator tree of an acyclic graph: v dominates w when every path from the root to w passes
 * through v.
 *
 * <p>Cooper, Harvey, Kennedy (2001), "A simple, fast dominance algorithm"; one pass suffices
 * because the vertices come in topological order.
 */
final class Dominators {
  private final int[] immediate;

  /**
   * @param predecessors for each vertex the vertices with an edge to it, all of them smaller;
   *     vertex 0 is the root and has none, every other vertex has at least one
   */
  Dominators(List<List<Integer>> predecessors) {
    immediate = new int[predecessors.size()];
    for (int vertex = 1; vertex < immediate.length; vertex++) {
      int common = predecessors.get(vertex).get(0);
      for (int predecessor : predecessors.get(vertex)) {
        common = meet(common, predecessor);
      }
      immediate[vertex] = common;
    }
  }

  /** The closest vertex other than {@code vertex} that dominates it; the root's is the root. */
  int immediate(int vertex) {
    return immediate[vertex];
  }

  /** The root, then ever closer dominators, then {@code vertex} itself. */
  List<Integer> chain(int vertex) {
    List<Integer> chain = new ArrayList<>();
    for (int v = vertex; v != 0; v = immediate[v]) {
      chain.add(v);
    }
    chain.add(0);
    Collections.reverse(chain);
    return chain;
  }

  private int meet(int first, int second) {
    int a = first;
    int b = second;
    while (a != b) {
      if (a > b) {
        a = immediate[a];
      } else {
        b = immediate[b];
      }
    }
    return a;
  }
}
