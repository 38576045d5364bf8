package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.nio.FloatBuffer;
import java.util.ArrayList;
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

  /** One for each of the structure's names of weights: a map a task would take more. */
  private final List<HostTensor> weights;

  private final long residentBytes;

  private Subgraph(Structure structure, List<HostTensor> weights, long residentBytes) {
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
    List<HostTensor> weights = new ArrayList<>(parts.weights().size());
    Subgraph subgraph = new Subgraph(structure, weights, floats * Float.BYTES);
    try {
      int offset = 0;
      for (TensorData data : parts.weights()) {
        int length = Math.toIntExact(data.elements());
        FloatBuffer place = slab.slice(offset, length);
        place.put(0, data.bytes().asFloatBuffer(), 0, length);
        weights.add(HostTensor.floats(runtime, place, data.shape()));
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
    Map<String, HostTensor> inputs = new HashMap<>();
    addWeights(UnaryOperator.identity(), inputs);
    return inputs;
  }

  /** Puts the weights under other names. */
  void addWeights(UnaryOperator<String> rename, Map<String, HostTensor> into) {
    List<String> names = structure.weightNames();
    for (int i = 0; i < weights.size(); i++) {
      into.put(rename.apply(names.get(i)), weights.get(i));
    }
  }

  long residentBytes() {
    return residentBytes;
  }

  @Override
  public void close() {
    weights.forEach(HostTensor::close);
  }

  private static long alignedFloats(TensorData data) {
    return (data.elements() + ALIGNMENT_FLOATS - 1) / ALIGNMENT_FLOATS * ALIGNMENT_FLOATS;
  }
}
