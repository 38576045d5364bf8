package io.sluice.trainer.autodiff;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rewrites a forward graph so that both directions are short: fused operators for chains of simple
 * ones, and LayerNormalization with the statistics its derivative uses.
 *
 * <p>ONNX Runtime makes such fusions itself, but not once an inner tensor has a second reader in
 * the backward pass. Names and shapes of inputs, outputs and of every tensor that stays are kept;
 * values change by rounding. For float32 graphs.
 */
public final class ForwardFusion {

  private static final List<Pattern> PATTERNS =
      List.of(new LayerNormPattern(), new GeluPattern(), new ScaledMatMulPattern());

  private ForwardFusion() {}

  /**
   * The graph with everything fused that the patterns know, and without weights that nothing reads.
   */
  public static Graph apply(Graph graph) {
    requireNonNull(graph, "graph");
    Graph fused = graph;
    while (true) {
      Graph next = pass(fused);
      if (next.nodes().size() == fused.nodes().size()) {
        return withStatistics(next);
      }
      fused = next;
    }
  }

  private static Graph pass(Graph graph) {
    Subject subject = new Subject(graph);
    Set<Node> gone = new HashSet<>();
    Map<Node, List<Node>> written = new HashMap<>();
    for (Node node : graph.nodes()) {
      for (Pattern pattern : PATTERNS) {
        Pattern.Match match = pattern.at(node, subject);
        if (match.found() && match.replaced().stream().noneMatch(gone::contains)) {
          gone.addAll(match.replaced());
          written.put(node, match.written());
          break;
        }
      }
    }
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      nodes.addAll(written.getOrDefault(node, gone.contains(node) ? List.of() : List.of(node)));
    }
    return with(graph, nodes);
  }

  private static Graph withStatistics(Graph graph) {
    Subject subject = new Subject(graph);
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      nodes.add(node.is("LayerNormalization") ? withStatistics(node, subject) : node);
    }
    return with(graph, nodes);
  }

  private static Node withStatistics(Node node, Subject subject) {
    String y = node.outputs().get(0);
    String mean = node.output(1);
    String inverse = node.output(2);
    List<String> outputs =
        List.of(
            y,
            mean == null ? subject.fresh(y + "_mean") : mean,
            inverse == null ? subject.fresh(y + "_inverse") : inverse);
    return new Node(
        node.domain(), node.op(), node.name(), node.inputs(), outputs, node.attributes());
  }

  private static Graph with(Graph graph, List<Node> nodes) {
    Map<String, Long> opsets = new HashMap<>(graph.opsets());
    if (nodes.stream().anyMatch(node -> node.domain().equals(Node.MICROSOFT))) {
      opsets.putIfAbsent(Node.MICROSOFT, 1L);
    }
    Set<String> read = new HashSet<>();
    nodes.forEach(node -> read.addAll(node.reads()));
    graph.outputs().forEach(output -> read.add(output.name()));
    Map<String, TensorData> weights = new HashMap<>(graph.initializers());
    weights.keySet().retainAll(read);
    return new Graph(graph.name(), opsets, graph.inputs(), graph.outputs(), nodes, weights);
  }
}
