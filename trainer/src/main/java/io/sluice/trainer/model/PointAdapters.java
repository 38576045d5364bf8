package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.GraphBuilder;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The adapters at one insertion point as nodes: what they add to the block's output is summed up,
 * and those of one form are computed as one, of their joint width. Confined to one thread.
 */
public final class PointAdapters {
  private record Part(AdapterKind kind, Map<String, String> weights) {}

  private final GraphBuilder graph;
  private final int hidden;
  private final Map<AdapterForm, List<Part>> parts = new EnumMap<>(AdapterForm.class);

  /** No adapters yet. */
  public PointAdapters(GraphBuilder graph, int hidden) {
    this.graph = requireNonNull(graph, "graph");
    this.hidden = hidden;
  }

  /**
   * Adds one.
   *
   * @param weights tensor of each of the kind's weights by name
   */
  public void add(AdapterKind kind, Map<String, String> weights) {
    parts.computeIfAbsent(kind.form(), form -> new ArrayList<>()).add(new Part(kind, weights));
  }

  /**
   * Writes the nodes.
   *
   * @param blockInput tensor (batch, seq, hidden) that enters the block; seq is 1 where only first
   *     tokens are computed
   * @param blockOutput tensor (batch, seq, hidden) that the block hands on, of the same tokens
   * @return tensor (batch, seq, hidden) in its place; {@code blockOutput} itself if there are none
   */
  public String emit(String blockInput, String blockOutput) {
    String adapted = blockOutput;
    for (List<Part> same : parts.values()) {
      AdapterKind kind = same.get(0).kind();
      String delta = kind.delta(graph, blockInput, blockOutput, joined(same));
      adapted = graph.node("Add", adapted, delta);
    }
    return adapted;
  }

  private Map<String, String> joined(List<Part> same) {
    Map<String, String> joined = new HashMap<>();
    for (ParameterSpec spec : same.get(0).kind().parameters(hidden)) {
      List<String> pieces = new ArrayList<>();
      for (Part part : same) {
        pieces.add(requireNonNull(part.weights().get(spec.name()), spec.name()));
      }
      joined.put(spec.name(), spec.joint().emit(graph, pieces));
    }
    return joined;
  }
}
