package io.sluice.trainer.model;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.GraphBuilder;
import java.util.List;
import java.util.Map;

/** The loss of a classifier: -sum targets * log softmax(logits), in nats. */
final class CrossEntropy {
  private CrossEntropy() {}

  /**
   * Writes its nodes.
   *
   * @param logits (batch, labels)
   * @param targets (batch, labels), each row summing to the row's weight
   * @return the loss, of shape ()
   */
  static String emit(GraphBuilder graph, String logits, String targets) {
    String logProbabilities =
        graph.node("LogSoftmax", List.of(logits), Map.of("axis", Attribute.of(-1L)));
    String gain =
        graph.node(
            "ReduceSum",
            List.of(graph.node("Mul", targets, logProbabilities), graph.constant(0L, 1L)),
            Map.of("keepdims", Attribute.of(0L)));
    return graph.node("Neg", gain);
  }
}
