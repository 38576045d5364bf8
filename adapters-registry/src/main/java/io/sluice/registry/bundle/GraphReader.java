package io.sluice.registry.bundle;

import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.OnnxFormat;

/** Reads the ONNX entries of a bundle: well-formed, self-contained, of allowed operators. */
final class GraphReader {
  private GraphReader() {}

  static Graph read(byte[] content, Place at, BundleLimits limits) {
    Graph graph = parse(content, at);
    if (graph.nodes().size() > limits.maxNodes()) {
      throw at.corrupt(graph.nodes().size() + " nodes", "at most " + limits.maxNodes());
    }
    OpAllowList.require(graph, at);
    return graph;
  }

  private static Graph parse(byte[] content, Place at) {
    try {
      return OnnxFormat.read(content);
    } catch (SluiceException | IllegalArgumentException e) {
      throw at.corrupt(String.valueOf(e.getMessage()), "a self-contained ONNX model", e);
    }
  }
}
