package io.sluice.registry.bundle;

import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.OnnxFormat;
import java.util.Map;

/** Reads the ONNX entries of a bundle: well-formed, self-contained, of allowed operators. */
final class GraphReader {
  private GraphReader() {}

  static Graph read(byte[] content, Place at, BundleLimits limits) {
    Graph graph = parse(content, at);
    if (graph.nodes().size() > limits.maxNodes()) {
      throw at.corrupt(graph.nodes().size() + " nodes", "at most " + limits.maxNodes());
    }
    OpAllowList.require(graph, at);
    requireNarrow(graph, at, limits);
    return graph;
  }

  /**
   * Refuses graphs that blow up what they are given, such as a long chain of {@code Concat(x, x)}.
   */
  private static void requireNarrow(Graph graph, Place at, BundleLimits limits) {
    Map<String, SymbolicShape> shapes;
    try {
      shapes = ShapeInference.of(graph);
    } catch (IllegalArgumentException e) {
      throw at.corrupt(
          String.valueOf(e.getMessage()), "shapes and attributes as the operators have them", e);
    }
    for (Node node : graph.nodes()) {
      for (String output : node.writes()) {
        SymbolicShape shape = shapes.get(output);
        if (shape != null && shape.fixedElements() > limits.maxElementsPerToken()) {
          throw at.corrupt(
              Checks.printable(node.describe())
                  + ": "
                  + shape.fixedElements()
                  + " elements for each token",
              "at most " + limits.maxElementsPerToken());
        }
      }
    }
  }

  private static Graph parse(byte[] content, Place at) {
    try {
      return OnnxFormat.read(content);
    } catch (SluiceException | IllegalArgumentException e) {
      throw at.corrupt(String.valueOf(e.getMessage()), "a self-contained ONNX model", e);
    }
  }
}
