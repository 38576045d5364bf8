package io.sluice.trainer.model;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.GraphBuilder;
import java.util.List;
import java.util.Map;

/** How far scores are from targets, as nodes; a row's weight lies in its targets. */
public enum Loss {
  /** -sum targets * log softmax(scores) over the last axis, in nats. */
  SOFTMAX {
    @Override
    String emit(GraphBuilder graph, String scores, String targets) {
      String logProbabilities =
          graph.node("LogSoftmax", List.of(scores), Map.of("axis", Attribute.of(-1L)));
      return graph.node("Neg", sum(graph, graph.node("Mul", targets, logProbabilities)));
    }
  },

  /**
   * -sum (yes log sigmoid(scores) + no log sigmoid(-scores)), in nats, for scores (batch, labels)
   * and targets (batch, 2, labels); = sum ((yes + no) softplus(scores) - yes scores).
   */
  SIGMOID {
    @Override
    String emit(GraphBuilder graph, String scores, String targets) {
      String yes = part(graph, targets, 0);
      String both = graph.node("Add", yes, part(graph, targets, 1));
      String loss =
          graph.node(
              "Sub",
              graph.node("Mul", both, graph.node("Softplus", scores)),
              graph.node("Mul", yes, scores));
      return sum(graph, loss);
    }
  },

  /** sum weights (scores - values)^2, for scores (batch, 1) and targets (batch, 2, 1). */
  SQUARED {
    @Override
    String emit(GraphBuilder graph, String scores, String targets) {
      String error = graph.node("Sub", scores, part(graph, targets, 0));
      String square = graph.node("Mul", error, error);
      return sum(graph, graph.node("Mul", part(graph, targets, 1), square));
    }
  };

  /**
   * Writes its nodes.
   *
   * @param scores what the head says
   * @param targets as {@link Targets} writes them
   * @return the loss, of shape ()
   */
  abstract String emit(GraphBuilder graph, String scores, String targets);

  /** Elements {@code at} of the axis in the middle. */
  private static String part(GraphBuilder graph, String targets, long at) {
    String axis = graph.constant(1L);
    String kept = graph.node("Slice", targets, graph.constant(at), graph.constant(at + 1), axis);
    return graph.node("Squeeze", kept, axis);
  }

  /** The sum of all elements. */
  private static String sum(GraphBuilder graph, String terms) {
    return graph.node("ReduceSum", List.of(terms), Map.of("keepdims", Attribute.of(0L)));
  }
}
