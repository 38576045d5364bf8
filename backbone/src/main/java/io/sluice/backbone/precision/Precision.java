package io.sluice.backbone.precision;

import io.sluice.backbone.graph.Graph;

/** The number format a backbone's large weights are computed with. */
public enum Precision {
  /** 32-bit floating point, as the weights are. */
  FP32 {
    @Override
    public Graph apply(Graph graph) {
      return graph;
    }
  },
  /** 8-bit integers, see {@link Int8Linears}. */
  INT8 {
    @Override
    public Graph apply(Graph graph) {
      return Int8Linears.of(graph);
    }
  };

  /** The graph in this format; the same inputs and outputs. */
  public abstract Graph apply(Graph graph);
}
