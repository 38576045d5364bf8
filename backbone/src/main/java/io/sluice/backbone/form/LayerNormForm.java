package io.sluice.backbone.form;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes a LayerNormalization as d = x - mean x and the SkipLayerNormalization of d and d, which
 * take a fraction of the time of its own kernel.
 *
 * <pre>
 *   2d / sqrt(var 2d + 4e) = 2d / sqrt(4 (var d + e)) = (x - mean x) / sqrt(var x + e)
 * </pre>
 *
 * <p>The kernel takes a variance as a mean of squares less the square of the mean, so without d
 * values far from zero would lose their digits. A norm of a sum that nothing else reads is left
 * alone: ONNX Runtime joins the two itself.
 */
final class LayerNormForm {
  /** From here on ReduceMean takes its axes as an input. */
  private static final long AXES_OPSET = 18;

  private final Graph graph;
  private final Norms norms;
  private final GraphBuilder rewritten;

  private LayerNormForm(Graph graph) {
    this.graph = graph;
    this.norms = new Norms(graph, Ranks.of(graph));
    this.rewritten = new GraphBuilder(graph.name(), graph.opsets());
  }

  static Graph of(Graph graph) {
    LayerNormForm form = new LayerNormForm(graph);
    return graph.nodes().stream().anyMatch(form::isSlow) ? form.rewrite() : graph;
  }

  private Graph rewrite() {
    graph.inputs().forEach(rewritten::input);
    graph.initializers().forEach(rewritten::initializer);
    for (Node node : graph.nodes()) {
      if (isSlow(node)) {
        write(node);
      } else {
        rewritten.add(node);
      }
    }
    graph.outputs().forEach(rewritten::output);
    return rewritten.build();
  }

  private boolean isSlow(Node node) {
    if (!norms.isOverLastOfThree(node)) {
      return false;
    }
    Node sum = norms.sum(node);
    return sum == null || !norms.isPrivate(sum);
  }

  private void write(Node norm) {
    String x = norm.inputs().get(0);
    // Named after the norm: what comes later in the graph may be called as nameless nodes would be.
    String centred = rewritten.fresh(norm.outputs().get(0) + "@centred");
    String mean = rewritten.fresh(norm.outputs().get(0) + "@mean");
    rewritten.add(mean(x, mean));
    rewritten.add(Node.of("Sub", List.of(x, mean), List.of(centred), Map.of()));
    List<String> inputs = new ArrayList<>(norm.inputs());
    inputs.set(0, centred);
    inputs.add(1, centred);
    float epsilon = norm.floatAttribute("epsilon", Norms.DEFAULT_EPSILON);
    rewritten.add(
        new Node(
            Node.MICROSOFT,
            "SkipLayerNormalization",
            norm.name(),
            inputs,
            List.of(norm.outputs().get(0)),
            Map.of("epsilon", Attribute.of(4 * epsilon))));
  }

  private Node mean(String x, String made) {
    return graph.opset() < AXES_OPSET
        ? Node.of("ReduceMean", List.of(x), List.of(made), Map.of("axes", Attribute.ints(-1)))
        : Node.of("ReduceMean", List.of(x, rewritten.constant(-1L)), List.of(made), Map.of());
  }
}
