package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.backbone.runtime.TensorMemory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where the weights of tasks are kept: on the host each task's in memory of their own, on a device
 * beside those of all tasks of the same structure, so that rows of many tasks can be one run.
 * Thread-safe.
 *
 * <p>On a device weights move as others come and go. Who puts them into a run {@link #hold}s them
 * until the run has been asked for; on the host they never move.
 */
final class TaskWeights {
  private final TensorMemory memory;
  private final Map<Digest, WeightSlab> slabs = new HashMap<>();

  /** Fair, as an engine under load takes it again at once. */
  private final ReentrantLock still = new ReentrantLock(true);

  TaskWeights(TensorMemory memory) {
    this.memory = requireNonNull(memory, "memory");
  }

  /** The weights of one adapter or head of one task; closing frees them. */
  interface Kept extends AutoCloseable {
    /** In the order of the structure's names. */
    List<Tensor> tensors();

    long residentBytes();

    @Override
    void close();
  }

  /** Copies the weights of a structure there. */
  Kept keep(Structure structure, List<TensorData> weights) {
    if (memory.isHost() || structure.stacked() == null) {
      return OwnWeights.copy(weights, memory);
    }
    still.lock();
    try {
      return slabs
          .computeIfAbsent(structure.key(), key -> new WeightSlab(still, memory, weights))
          .keep(weights);
    } finally {
      still.unlock();
    }
  }

  /** Weights stay where they are until {@link #letGo}, on the same thread. */
  void hold() {
    if (!memory.isHost()) {
      still.lock();
    }
  }

  /** The run that was to read the weights has been asked for. */
  void letGo() {
    if (!memory.isHost()) {
      still.unlock();
    }
  }
}
