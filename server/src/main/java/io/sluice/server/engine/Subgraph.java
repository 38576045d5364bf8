package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * One adapter or head of one task, ready to run: a shared structure and its own weights, resident
 * as tensors on direct memory. Thread-safe but for closing.
 */
final class Subgraph implements AutoCloseable {
  private static final int ALIGNMENT_FLOATS = 16;

  private final Structure structure;
  private final Map<String, HostTensor> weights;
  private final long residentBytes;

  private Subgraph(Structure structure, Map<String, HostTensor> weights, long residentBytes) {
    this.structure = structure;
    this.weights = weights;
    this.residentBytes = residentBytes;
  }

  /** Takes {@code graph} apart and copies its weights to direct memory. */
  static Subgraph load(Graph graph, StructureCache cache, OnnxRuntime runtime) {
    Structure.Parts parts = Structure.of(requireNonNull(graph, "graph"));
    Structure structure = cache.intern(parts.structure());
    long floats = parts.weights().stream().mapToLong(Subgraph::alignedFloats).sum();
    FloatBuffer slab = DirectBuffers.floats(floats);
    Map<String, HostTensor> weights = new HashMap<>();
    Subgraph subgraph = new Subgraph(structure, weights, floats * Float.BYTES);
    try {
      int offset = 0;
      List<TensorData> all = parts.weights();
      for (int i = 0; i < all.size(); i++) {
        TensorData data = all.get(i);
        int length = Math.toIntExact(data.elements());
        FloatBuffer place = slab.slice(offset, length);
        place.put(0, data.bytes().asFloatBuffer(), 0, length);
        String name = structure.weightNames().get(i);
        weights.put(name, HostTensor.floats(runtime, place, data.shape()));
        offset += Math.toIntExact(alignedFloats(data));
      }
      return subgraph;
    } catch (RuntimeException e) {
      subgraph.close();
      throw e;
    }
  }

  Structure structure() {
    return structure;
  }

  boolean takes(String dataName) {
    return structure.dataNames().contains(dataName);
  }

  /** A fresh map of the weights, to which the caller adds the activations. */
  Map<String, HostTensor> inputs() {
    return new HashMap<>(weights);
  }

  /** Puts the weights under other names. */
  void addWeights(UnaryOperator<String> rename, Map<String, HostTensor> into) {
    weights.forEach((name, tensor) -> into.put(rename.apply(name), tensor));
  }

  long residentBytes() {
    return residentBytes;
  }

  @Override
  public void close() {
    weights.values().forEach(HostTensor::close);
  }

  private static long alignedFloats(TensorData data) {
    return (data.elements() + ALIGNMENT_FLOATS - 1) / ALIGNMENT_FLOATS * ALIGNMENT_FLOATS;
  }
}
