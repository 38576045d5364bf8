package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.runtime.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One adapter or head of one task, ready to run: a shared structure and its own weights, resident
 * as tensors where the engine computes. Thread-safe but for closing.
 */
final class Subgraph implements AutoCloseable {
  private final Structure structure;

  private final TaskWeights.Kept weights;

  private Subgraph(Structure structure, TaskWeights.Kept weights) {
    this.structure = structure;
    this.weights = weights;
  }

  /** Takes {@code graph} apart and copies its weights to where they are kept. */
  static Subgraph load(Graph graph, StructureCache cache, TaskWeights kept) {
    Structure.Parts parts = Structure.of(requireNonNull(graph, "graph"));
    Structure structure = cache.intern(parts.structure());
    return new Subgraph(structure, kept.keep(structure, parts.weights()));
  }

  Structure structure() {
    return structure;
  }

  boolean takes(String dataName) {
    return structure.dataNames().contains(dataName);
  }

  /**
   * A fresh map of the weights, to which the caller adds the activations.
   *
   * @param use the batch that reads them
   */
  Map<String, Tensor> inputs(WeightsInUse use) {
    Map<String, Tensor> inputs = new HashMap<>();
    addWeights(use, structure.weightNames(), inputs);
    return inputs;
  }

  /**
   * Puts the weights under other names.
   *
   * @param names in the order of the structure's
   */
  void addWeights(WeightsInUse use, List<String> names, Map<String, Tensor> into) {
    List<Tensor> tensors = weights.tensors(use);
    for (int i = 0; i < tensors.size(); i++) {
      into.put(names.get(i), tensors.get(i));
    }
  }

  /** Its set among those of all tasks of the structure; null where it has memory of its own. */
  WeightSlab.@Nullable Set set() {
    return weights instanceof WeightSlab.Set set ? set : null;
  }

  long residentBytes() {
    return weights.residentBytes();
  }

  @Override
  public void close() {
    weights.close();
  }
}
