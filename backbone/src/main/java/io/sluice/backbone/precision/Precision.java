package io.sluice.backbone.precision;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import java.util.function.Predicate;

/** The number format a backbone's large weights are computed with. */
public enum Precision {
  /** 32-bit floating point, as the weights are. */
  FP32 {
    @Override
    public Graph apply(Graph graph, ActivationRanges ranges, Predicate<Node> where) {
      return graph;
    }
  },
  /** 8-bit integers, see {@link Int8Linears}. */
  INT8 {
    @Override
    public Graph apply(Graph graph, ActivationRanges ranges, Predicate<Node> where) {
      return Int8Linears.of(graph, ranges, where);
    }
  };

  /**
   * The graph in this format; the same inputs and outputs.
   *
   * @param ranges of the backbone that the graph is a part of
   */
  public Graph apply(Graph graph, ActivationRanges ranges) {
    return apply(graph, ranges, node -> true);
  }

  /** The graph with these of its nodes in this format; the same inputs and outputs. */
  public abstract Graph apply(Graph graph, ActivationRanges ranges, Predicate<Node> where);
}
