package io.sluice.registry.bundle;

import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.OnnxFormat;
import java.util.Map;

/** Reads the ONNX entries of a bundle: well-formed, self-contained, of allowed operators. */
final class GraphReader {
  /** Enough for one number per pair of tokens: (batch, seq, seq). */
  private static final int MAX_OPEN_AXES = 3;

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
   * Refuses graphs that blow up what they are given, such as a long chain of {@code Concat(x, x)},
   * or outer products of the sequence with itself.
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
        if (shape != null) {
          requireNarrow(node, shape, at, limits);
        }
      }
    }
  }

  private static void requireNarrow(Node node, SymbolicShape shape, Place at, BundleLimits limits) {
    String name = Checks.printable(node.describe());
    if (shape.fixedElements() > limits.maxElementsPerToken()) {
      throw at.corrupt(
          name + ": " + shape.fixedElements() + " elements for each token",
          "at most " + limits.maxElementsPerToken());
    }
    if (shape.openAxes() > MAX_OPEN_AXES) {
      throw at.corrupt(
          name + ": " + shape.openAxes() + " axes that grow with the input",
          "at most " + MAX_OPEN_AXES);
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
